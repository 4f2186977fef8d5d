"""Delimited text: encodings, delimiters, quotes, ragged rows."""

from pathlib import Path

import pytest

from geo.errors import EmptyInputError, InputError, MissingColumnError, UnreadableInputError
from sales.accounts import read_accounts
from sales.accounts.types import AccountTable, Severity


def read(tmp_path: Path, content: str | bytes, name: str = "accounts.csv") -> AccountTable:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_accounts(path)


def codes(table: AccountTable) -> list[tuple[int, str]]:
    return [(issue.row, issue.code) for issue in table.issues]


HEADER = "id,name,city,potential\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "|+|", "||", "~"])
def test_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    rows = [["id", "name", "city"], ["1", "Müller, Söhne; Co", "Köln"], ["2", "", "Bonn"]]
    if delimiter in (",", ";"):
        rows[1][1] = f'"{rows[1][1]}"'
    table = read(tmp_path, "\n".join(delimiter.join(row) for row in rows))
    assert list(table.frame["account_id"]) == ["1", "2"]
    assert list(table.frame["name"]) == ["Müller, Söhne; Co", ""]
    assert list(table.frame["city"]) == ["Köln", "Bonn"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    table = read(tmp_path, "id,name,city\n1,Café “Zoë”,Köln\n".encode(encoding))
    assert table.frame.loc[0, "name"] == "Café “Zoë”"
    assert dict(table.columns)["account_id"] == "id"
    guessed = [code for _, code in codes(table)] == ["encoding_guessed"]
    assert guessed == (encoding in ("cp1252", "utf-16-le"))


def test_a_file_of_two_encodings_keeps_all_letters(tmp_path: Path) -> None:
    table = read(tmp_path, "id,city\n1,Köln\n".encode() + "2,Nürnberg\n".encode("cp1252"))
    assert list(table.frame["city"]) == ["Köln", "Nürnberg"]


def test_cyrillic_windows_text_is_not_read_as_latin(tmp_path: Path) -> None:
    cities = ["Москва", "Санкт-Петербург", "Новосибирск", "Екатеринбург", "Нижний Новгород"]
    names = [f"Общество с ограниченной ответственностью номер {n}" for n in range(20)]
    rows = [f"{n};{name};{cities[n % 5]}" for n, name in enumerate(names)]
    table = read(tmp_path, ("id;name;city\n" + "\n".join(rows)).encode("cp1251"))
    assert list(table.frame["city"][:5]) == cities


def test_excels_separator_line_is_obeyed(tmp_path: Path) -> None:
    table = read(tmp_path, "sep=;\nid;city\n1;Köln, West\n")
    assert list(table.frame["city"]) == ["Köln, West"]


def test_newlines_in_quoted_streets_stay_one_row(tmp_path: Path) -> None:
    table = read(tmp_path, 'id,street,city\n1,"1 Main St\nSuite 5",Troy\n2,2 Oak,Rome\n')
    assert list(table.frame["street"]) == ["1 Main St, Suite 5", "2 Oak"]
    assert list(table.frame["row"]) == [2, 3]
    assert not table.frame["usable"].eq(False).any()


@pytest.mark.parametrize(
    "broken",
    [
        '2,"Acme,Rome,10',  # never closed
        '2,"Acme" Inc,Rome,10',  # closed too early
        '2,"Acme \\"A\\" Inc",Rome,10',  # escaped with backslashes
        '"2","Acme,"Rome","10"',  # one of them lost
    ],
)
@pytest.mark.parametrize("quoted", [False, True])
def test_a_broken_quote_swallows_no_row(tmp_path: Path, broken: str, quoted: bool) -> None:
    def line(number: int) -> str:
        return f'"{number}","A, B","Troy","5"\n' if quoted else f"{number},AB,Troy,5\n"

    text = HEADER + line(1) + broken + "\n" + "".join(line(n) for n in range(3, 30))
    table = read(tmp_path, text)
    assert list(table.frame["account_id"]) == [str(n) for n in range(1, 30)]
    assert list(table.frame["row"]) == list(range(2, 31))
    assert (3, "broken_quote") in codes(table)
    assert set(table.frame["city"].drop(1)) == {"Troy"}


def test_a_broken_quote_keeps_the_values_where_it_can(tmp_path: Path) -> None:
    table = read(tmp_path, HEADER + '1,"Acme,Rome,10\n2,B,Troy,5\n')
    assert table.frame.iloc[0][["name", "city", "potential"]].tolist() == ["Acme", "Rome", 10.0]


def test_a_quote_that_happens_to_close_again_is_reported(tmp_path: Path) -> None:
    table = read(tmp_path, HEADER + '1,"Acme,Rome,10\n2,B,Troy,5\n3,Bar 12",Troy,5\n')
    assert "quoted_lines" in [code for _, code in codes(table)]


def test_an_unquoted_comma_is_put_together(tmp_path: Path) -> None:
    whole = "".join(f"{n},Firm {n},{n} Road,Lyon,6900{n % 9},France\n" for n in range(20))
    text = "id,name,address,city,zip,country\n" + whole
    table = read(tmp_path, text + "20,Folies,184, rue de Lyon,Lille,59000,France\n")
    last = table.frame.iloc[-1]
    assert (last["street"], last["city"]) == ("184, rue de Lyon", "Lille")
    assert last["usable"]
    assert codes(table) == [(22, "too_many_fields")]


def test_an_unquoted_comma_without_space_is_put_together_where_the_columns_tell(
    tmp_path: Path,
) -> None:
    whole = "".join(f"{n},Firm {'abc'[n % 3]},6900{n % 9},France\n" for n in range(40))
    table = read(tmp_path, "id,name,zip,country\n" + whole + "40,A,B,69001,France\n")
    assert table.frame.iloc[-1][["name", "postal_code"]].tolist() == ["A,B", "69001"]


def test_a_row_that_cannot_be_put_together_is_kept_and_excluded(tmp_path: Path) -> None:
    table = read(tmp_path, HEADER + "1,a,b,c,d,e,f\n2,b,Troy,1\n")
    assert list(table.frame["usable"]) == [False, True]
    issue = table.issues[0]
    assert (issue.row, issue.account_id, issue.code) == (2, "1", "too_many_fields")
    assert issue.severity is Severity.ERROR


def test_short_rows_and_surplus_delimiters(tmp_path: Path) -> None:
    table = read(tmp_path, HEADER + "1,a,Troy\n2,b,Rome,7,,,\n3,c,Bonn,1\n")
    assert list(table.frame["potential"]) == [0.0, 7.0, 1.0]
    assert (2, "too_few_fields") in codes(table)
    assert 3 not in [row for row, _ in codes(table)]


def test_every_row_may_end_in_a_delimiter(tmp_path: Path) -> None:
    table = read(tmp_path, "id,city\n1,Troy,\n2,Rome,\n")
    assert list(table.frame["city"]) == ["Troy", "Rome"]
    assert table.issues == ()


def test_blank_lines_count_as_lines_but_not_as_rows(tmp_path: Path) -> None:
    table = read(tmp_path, HEADER + "\n1,a,Troy,1\n   \n2,b,Rome,1\n,,,\n\n")
    assert list(table.frame["row"]) == [3, 5, 6]
    assert list(table.frame["usable"]) == [True, True, False]
    assert codes(table) == [(6, "blank_row")]


def test_zero_bytes_are_removed_and_reported(tmp_path: Path) -> None:
    table = read(tmp_path, b"id,name,city\n1,A\0cme,Troy\n2,B,Rome and more\n")
    assert list(table.frame["name"]) == ["Acme", "B"]
    assert codes(table) == [(0, "nul_removed")]


def test_a_very_long_value_is_kept(tmp_path: Path) -> None:
    long = "x" * 400_000
    table = read(tmp_path, f'id,name,city\n1,"{long}",Troy\n2,{long},Rome\n')
    assert [len(name) for name in table.frame["name"]] == [400_000, 400_000]
    assert table.issues == ()


def test_titles_above_the_header(tmp_path: Path) -> None:
    table = read(tmp_path, "Accounts by region\nAs of 2024-01-31\n\nid,name,city\n1,a,Troy\n")
    assert list(table.frame["row"]) == [5]
    assert codes(table) == [(0, "title_rows")]


def test_duplicated_headers_are_told_apart(tmp_path: Path) -> None:
    table = read(tmp_path, "id,city,score,score\n1,Troy,3,4\n")
    assert list(table.frame["score"]) == [3.0]
    assert list(table.frame["score (2)"]) == [4.0]
    assert codes(table) == [(0, "duplicated_header")]


def test_without_a_header_the_values_tell(tmp_path: Path) -> None:
    places = [("Main St", "Bothell", "Washington", "98011"), ("Elm St", "Dallas", "Texas", "75201")]
    rows = [
        f"{n}|+|{n} {s}|+||+|{c}|+|{st}|+|United States|+|{z}|+|2002-07-0{n}"
        for n, (s, c, st, z) in enumerate(places, 1)
    ]
    table = read(tmp_path, "\ufeff" + "\n".join(rows))
    assert list(table.frame["row"]) == [1, 2]
    assert list(table.frame["street"]) == ["1 Main St", "2 Elm St"]
    for field, at in (("city", 1), ("state", 2), ("postal_code", 3)):
        assert list(table.frame[field]) == [place[at] for place in places]
    assert set(table.frame["country"]) == {"United States"}
    assert codes(table) == [(0, "no_header")]


def test_columns_by_number_mean_that_there_is_no_header(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x,Troy\ny,Rome\n")
    table = read_accounts(path, columns={"account_id": "1", "city": "2"})
    assert list(table.frame["account_id"]) == ["x", "y"]


def test_the_same_bytes_give_the_same_table(tmp_path: Path) -> None:
    text = HEADER + '1,"A,Troy,x\n1,B,Rome,(3)\n,C,Bonn,1e400\n'
    one, two = read(tmp_path, text, "a.csv"), read(tmp_path, text, "b.csv")
    assert one.frame.equals(two.frame)
    assert one.issues == two.issues
    assert one.sha256 == two.sha256


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", EmptyInputError),
        (b"\xef\xbb\xbf \r\n", EmptyInputError),
        (HEADER.encode(), EmptyInputError),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, UnreadableInputError),
        (b"\xd0\xcf\x11\xe0" + bytes(600), UnreadableInputError),
        (b"PK\x03\x04 not really", UnreadableInputError),
        (b"PAR1 not really", UnreadableInputError),
        (b"<!DOCTYPE html><html><body>Please log in", UnreadableInputError),
        (b"foo,bar\nx,y\n", MissingColumnError),
    ],
)
def test_unusable_files_are_refused_with_a_hint(
    tmp_path: Path, content: bytes, error: type[InputError]
) -> None:
    with pytest.raises(error) as caught:
        read(tmp_path, content)
    assert "accounts.csv" in caught.value.message
    assert caught.value.hint


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError, match=r"nowhere\.csv"):
        read_accounts(tmp_path / "nowhere.csv")
    with pytest.raises(UnreadableInputError):
        read_accounts(tmp_path)
