"""The accounts' postal codes as a table, so that a plan can be told by postal code."""

import numpy as np
import pandas as pd

from geo.geocode.prevailing import prevailing_country, told_country
from geo.geocode.types import Address
from geo.geocode.us_zip_table import read_zip
from sales.ground import account_measures
from sales.locate import LocatedAccounts
from sales.plan import POSTCODE_COLUMNS


def postcode_table(located: LocatedAccounts, measure: str) -> pd.DataFrame | None:
    """postcodes.csv, one row per account in input order; None where no account has a code.

    The country is the one told, else the file's prevailing one; a ZIP code has five digits.
    `measure` is the weight of an account, 1 where the accounts have none of it.
    """
    frame = located.accounts.frame
    fields = ("street", "city", "state", "postal_code", "country")
    texts = (frame[field].astype(str).tolist() for field in fields)
    addresses = [Address(*parts) for parts in zip(*texts, strict=True)]
    if not any(address.postal_code.strip() for address in addresses):
        return None
    prevailing = prevailing_country(addresses)
    usual = prevailing.country if prevailing else ""
    countries = [told_country(address) or usual for address in addresses]
    codes = [
        clean_code(address.postal_code, country)
        for address, country in zip(addresses, countries, strict=True)
    ]
    weight = account_measures(located.accounts).get(measure, np.ones(len(frame)))
    columns = (
        frame["account_id"].astype(str).tolist(),
        countries,
        codes,
        np.round(np.nan_to_num(weight), 6),
    )
    return pd.DataFrame(dict(zip(POSTCODE_COLUMNS, columns, strict=True)))


def clean_code(text: str, country: str) -> str:
    """A postal code as it is compared: ZIP codes with five digits, others in capitals."""
    text = " ".join(text.split()).upper()
    zip_code = read_zip(text) if country == "US" else None
    return zip_code.code if zip_code else text
