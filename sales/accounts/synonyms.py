"""The headers that are recognised: one table, the best name of each field first.

Names are compared without case, accents, spaces and punctuation (`headers.plain`), so
“Billing Zip/Postal Code”, `BILLING_ZIP_POSTAL_CODE` and “billing zip / postal code” are one.
"""

from collections.abc import Mapping
from typing import Final

# Fields that do not belong to one of several addresses.
SINGLE: Final[Mapping[str, tuple[str, ...]]] = {
    "account_id": (
        "account id", "accountid", "id", "account id 18", "account id (18)", "18 digit account id",
        "case safe id", "record id", "record id - company", "hs_object_id", "company id",
        "(do not modify) account", "external id", "external_id", "customer id", "customer number",
        "customer no", "customer code", "account number", "account no", "account code", "lead id",
        "store number", "store id", "storenum", "store no", "site id", "location id", "uid",
        "kundennummer", "kunden-nr", "kundennr", "kunden id", "debitor", "code client", "id client",
        "numero client",
    ),
    "name": (
        "account name", "name", "company name", "company", "customer name", "organization name",
        "organisation name", "organization", "organisation", "store name", "business name",
        "client", "client name", "customer", "account", "firma", "firmenname", "kunde",
        "kundenname", "raison sociale", "societe", "nom",
    ),
    "owner": (
        "account owner", "owner id", "ownerid", "owner", "company owner", "hubspot_owner_id",
        "owner name", "account owner id", "sales rep", "salesperson", "rep", "rep id",
        "account rep", "account manager", "betreuer", "vertreter",
    ),
    "industry": (
        "industry", "industry code", "industrycode", "sector", "vertical", "branche", "secteur",
    ),
    "parent": (
        "parent id", "parentid", "parent account id", "parentaccountid", "parent account",
        "parent company", "parent", "ultimate parent id",
    ),
    "potential": (
        "potential", "annual potential", "potential__c", "annual_potential__c", "sales potential",
        "sales_potential__c", "account potential", "market potential", "potential value",
        "potential revenue", "revenue potential", "potential sales", "potential per year",
        "yearly potential", "potential usd", "potential eur", "potential gbp", "potential ($)",
        "potential (€)", "annual potential usd", "annual potential eur", "opportunity potential",
        "spend potential", "potenzial", "potential (eur)", "umsatzpotenzial", "umsatzpotential",
        "potentiel", "potentiel annuel",
    ),
    "workload": (
        "workload", "workload h", "workload hours", "workload__c", "annual workload",
        "workload (h)", "selling hours", "hours needed", "service hours", "call hours",
    ),
    "revenue": (
        "annual revenue", "annualrevenue", "revenue", "total revenue", "sales", "annual sales",
        "turnover", "umsatz", "jahresumsatz", "chiffre d'affaires",
    ),
    "employees": (
        "number of employees", "numberofemployees", "employees", "employee count", "headcount",
        "no of employees", "mitarbeiter", "mitarbeiterzahl", "effectif",
    ),
    "pipeline": (
        "pipeline", "open pipeline", "pipeline amount", "open opportunity amount",
        "open pipeline amount", "pipeline value", "pipeline__c",
    ),
}  # fmt: skip

# What a part of an address is called, whichever address it belongs to.
ADDRESS: Final[Mapping[str, tuple[str, ...]]] = {
    "street": (
        "street", "street address", "address", "address line 1", "addressline1", "address 1",
        "address1", "street 1", "street1", "line1", "streetaddr", "streetaddress",
        "street name", "full address", "strasse", "anschrift", "adresse", "rue", "calle",
    ),
    "street 2": (
        "street 2", "street2", "street address 2", "address line 2", "addressline2", "address2",
        "address 2", "line2",
    ),
    "street 3": (
        "street 3", "street3", "street address 3", "address line 3", "addressline3", "address3",
        "address 3", "line3",
    ),
    "city": (
        "city", "town", "strcity", "city name", "locality", "municipality", "ort", "stadt",
        "ville", "ciudad", "citta", "gemeinde",
    ),
    "state": (
        "state/province", "state", "state province", "stateorprovince", "province", "region",
        "state/region", "state name", "strstate", "bundesland", "kanton", "canton", "provincia",
        "state code", "state/province code", "statecode", "admin1",
    ),
    "postal_code": (
        "postal code", "zip/postal code", "zip", "zip code", "zipcode", "postcode", "postalcode",
        "zip5", "zip4", "post code", "postal", "plz", "postleitzahl", "code postal", "cp",
    ),
    "country": (
        "country", "country/region", "country name", "country/territory", "country code",
        "countrycode", "country code (text only)", "country iso", "iso country", "land", "pays",
        "pais", "paese",
    ),
    "latitude": (
        "latitude", "lat", "geo lat", "gps lat", "gps latitude", "breitengrad", "breite",
        "geolocation latitude", "geolocation__latitude__s", "location latitude", "y lat",
    ),
    "longitude": (
        "longitude", "lng", "lon", "long", "geo lng", "geo lon", "gps lon", "gps lng",
        "gps longitude", "langengrad", "laengengrad", "lange", "geolocation longitude",
        "geolocation__longitude__s", "location longitude", "x lng",
    ),
}  # fmt: skip

# Which of several addresses is preferred; the next stands in where one is empty in a row.
FAMILIES: Final = (
    ("billing",), ("", "address.", "company ", "account ", "store ", "business ", "customer "),
    ("address1_", "address 1: "), ("mailing",), ("shipping",), ("address2_", "address 2: "),
    ("other",),
)  # fmt: skip
