"""Invented companies and people: made of syllables, so that they are nobody's in particular."""

from random import Random

HEADS = (
    "Quell", "Torv", "Brind", "Ostr", "Mirr", "Hald", "Vesp", "Cald", "Jund", "Zell", "Farn",
    "Grav", "Perr", "Sorr", "Tamb", "Ulm", "Wend", "Yarr", "Kest", "Nim", "Drav", "Ell",
    "Fenn", "Ivv", "Marr", "Obb", "Pell", "Rusk", "Stav", "Thorn", "Vell", "Wist", "Zeph", "Aub",
    "Brax", "Crin", "Dunn", "Escar", "Fjall", "Gwyn", "Harr", "Isk", "Jass", "Kov", "Lorr",
)  # fmt: skip
TAILS = (
    "mere", "ander", "low", "quist", "avane", "holt", "enby", "ora", "ique", "strand", "wyck",
    "orra", "ellan", "umbra", "iva", "essen", "ock", "avia", "ering", "ulo", "anto", "isk",
    "ovane", "ettle", "amba", "orne", "igan", "eldt",
)  # fmt: skip
LEGAL = ("Inc.", "LLC", "Corp.", "Co.", "Group", "Holdings", "", "", "", "", "", "")
TRADES = {
    "Manufacturing": ("Castings", "Precision", "Fabrication", "Gear & Axle", "Tooling", "Plastics",
                      "Machine Works", "Coatings", "Instruments"),
    "Healthcare": ("Health", "Dental Partners", "Orthopedics", "Medical Supply", "Home Care",
                   "Imaging", "Clinics"),
    "Technology": ("Systems", "Software", "Data", "Networks", "Labs", "Robotics", "Analytics"),
    "Retail": ("Outfitters", "Hardware", "Home & Garden", "Furniture", "Books", "Pet Supply"),
    "Construction": ("Builders", "Roofing", "Concrete", "Electric", "Paving", "Mechanical"),
    "Education": ("Academy", "Learning", "College Prep", "Training Institute"),
    "Banking": ("Credit Union", "Savings", "Capital", "Trust"),
    "Transportation": ("Freight", "Logistics", "Trucking", "Air Cargo", "Warehousing"),
    "Hospitality": ("Hotels", "Resorts", "Catering", "Brewing"),
    "Agriculture": ("Farms", "Seed", "Orchards", "Dairy", "Grain"),
    "Energy": ("Energy", "Solar", "Pipeline Services", "Power"),
    "Food & Beverage": ("Foods", "Bakery", "Bottling", "Spice", "Provisions"),
}  # fmt: skip

REPS = (
    "Amara Okonjo", "Ben Hallworth", "Camila Restrepo", "Darnell Pickering", "Elif Karaca",
    "Farrukh Yusupov", "Grace Adeyinka", "Hiroko Tanemura", "Ines Valdivieso", "Jamal Thibodeaux",
    "Katarzyna Wrona", "Liam O'Rafferty", "Mei-Ling Chau", "Nadia Benhaddou", "Oscar Lindqvall",
    "Priya Ramanujam", "Quentin Bassett", "Rosa Maldonado-Vega", "Samuel Tekle", "Tomasz Zielny",
    "Uma Krishnaswami", "Viktor Halász", "Wanda Blackfeather", "Xavier Peña", "Yetunde Alabi",
    "Zoë Marchetti", "Andre Fontenelle", "Bronwyn Castell", "Chidi Nwankwere", "Dolores Quiñonez",
    "Ethan Yellowtail", "Fatima Zahrani", "Gustav Ekdahl", "Hana Kealoha", "Ivan Petrosyan",
    "Joanna McAllen", "Kofi Boatengmaa", "Leilani Nakoa", "Marcus Treadwell", "Noor Siddiqa",
)  # fmt: skip
OERESUND_REPS = (
    "Søren Krabbehøj", "Åse Lyngdrup", "Mette Østerskov", "Jens-Peter Hvalsund",
    "Maja Ängelbäck", "Björn Trollsjö", "Özlem Yıldız".replace("ı", "i"), "Freja Nørmark",
)  # fmt: skip

STREETS = (
    "Commerce Pkwy", "Industrial Blvd", "Main St", "Oak Ave", "2nd St", "Mill Rd", "Market St",
    "Airport Rd", "Depot St", "Technology Dr", "Park Ave", "River Rd", "Union St", "Elm St",
    "Enterprise Way", "County Road 12", "Highway 61", "Lake Shore Dr", "Center St", "Chestnut St",
)  # fmt: skip
DANISH_STREETS = ("Møllevej", "Havnegade", "Industrivej", "Østergade", "Kirkestræde", "Åboulevard")
SWEDISH_STREETS = ("Storgatan", "Hamngatan", "Industrivägen", "Östra Vägen", "Kyrkogatan")

# Names as they also come: long, quoted, in other scripts, and such as a spreadsheet would run.
ODD_NAMES = (
    "株式会社クエルマーレ精機",
    "ООО «Торвандер»",
    "شركة فيلأورا للتجارة",
    "Ζελλάνδρα Τρόφιμα",
    "Quellandéré Pâtisserie & Fils",
    "Compañía Torvaniña de Señalización",
    "Fjällstrand Måleri & Søn",
    "O'Dunnering's Bait, Tackle & Ice",
    'Gravolo "Big Sky" Outfitters',
    "D'Escarelli, Thornique & Daughters, P.C.",
    "=Vellora(Labs)",
    "+Plus Brindlow Fitness",
    "@Zephora Media",
    "-40 Below Haldorne Ice",
    "Mirrander ☀ Solar",
    "Thornique Consolidated Precision Instruments, Calibration, Metrology, Environmental Testing "
    "and Field Services of the Upper Midwest and Great Plains (formerly Iskering & Sons, "
    "Wendolo Instruments and the Staveldt Testing Bureau) Employee-Owned Cooperative",
)


def root(rng: Random) -> str:
    """An invented proper name."""
    return rng.choice(HEADS) + rng.choice(TAILS)


def company(rng: Random, industry: str) -> str:
    """A company name that fits its industry."""
    trade = rng.choice(TRADES[industry])
    pattern = rng.random()
    if pattern < 0.12:
        name = f"{root(rng)} & {root(rng)} {trade}"
    elif pattern < 0.18:
        name = f"{root(rng)}'s {trade}"
    else:
        name = f"{root(rng)} {trade}"
    legal = rng.choice(LEGAL)
    if not legal:
        return name
    return (
        f"{name}, {legal}" if legal in ("Inc.", "LLC") and rng.random() < 0.4 else f"{name} {legal}"
    )


def street(rng: Random) -> str:
    """A street line; one in eight has a suite, some of those on a line of its own."""
    line = f"{rng.randint(1, 9899)} {rng.choice(STREETS)}"
    extra = rng.random()
    if extra < 0.03:
        return f"{line}\nSuite {rng.randint(100, 999)}"
    return f"{line}, Suite {rng.randint(100, 999)}" if extra < 0.13 else line
