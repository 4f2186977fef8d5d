"""The geocoder that works with no network: everything it knows is installed or brought along."""

from pathlib import Path

from geo.geocode.types import Geocoder


def default_geocoder(*, postcode_file: Path | None = None) -> Geocoder:
    """Given coordinates → US ZIP → postal-code file → city → state or country.

    `postcode_file` is in GeoNames' format (see `postcode_table`). Raises UnreadableInputError if
    it cannot be used.
    """
    # here and not above: whoever needs only the types is spared the tables
    from geo.geocode.chain import Chain
    from geo.geocode.city import City
    from geo.geocode.given import GivenCoordinates
    from geo.geocode.postcode_file import PostcodeFile
    from geo.geocode.region import Region
    from geo.geocode.us_zip import UsZip

    city, region = City(), Region()
    links: list[Geocoder] = [UsZip(city)]
    if postcode_file is not None:
        links.append(PostcodeFile(postcode_file, city))
    links += [city, region]
    return Chain([GivenCoordinates(Chain(links), region), *links])
