# SPDX-License-Identifier: ISC
"""Files for catalogue.sh, made as people make them: DIRECTORY TEMPLATE-ACCOUNTS
TEMPLATE-SERVICES. The hostile ones are written by hand."""
import sys
import zipfile
from io import BytesIO

import openpyxl

DIR, ACCOUNTS, SERVICES = sys.argv[1:]
SIZE = 1 << 20                  # the largest file (L2)


def save(name, data):
    with open(f"{DIR}/{name}", "wb") as f:
        f.write(data)


def filled(template, rows):
    """The template with {row: value} in column A."""
    book = openpyxl.load_workbook(template)
    for row, value in rows.items():
        book.active.cell(row=row, column=1, value=value)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def padded(data, size):
    """The same workbook, with a part nobody reads, of exactly size bytes."""
    for n in size - len(data) - 200, None:
        out = BytesIO(data)
        with zipfile.ZipFile(out, "a", zipfile.ZIP_STORED) as z:
            z.writestr("docProps/pad.bin",
                       b"x" * (n if n is not None else last + size - got))
        last, got = n, len(out.getvalue())
    assert got == size, got
    return out.getvalue()


def with_part(data, name, replace):
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, \
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            body = old.read(part)
            new.writestr(part, replace(body) if part == name else body)
    return out.getvalue()


def numbers(n):
    return {6 + i: f"N{i + 1:03}" for i in range(n)}


# Zeros in front, a number as a number, blanks between, twice, unknown, held.
few = {6: "0001", 7: 2002, 9: "  F003 ", 10: "", 12: "0001", 14: "nonsense",
       15: "100001", 16: "300001"}
save("few.xlsx", filled(ACCOUNTS, few))
save("n100.xlsx", filled(ACCOUNTS, numbers(100)))
save("n101.xlsx", filled(ACCOUNTS, numbers(101)))
save("max.xlsx", padded(filled(ACCOUNTS, {6: "F003"}), SIZE))
save("over.xlsx", padded(filled(ACCOUNTS, {6: "F003"}), SIZE + 1))
save("empty.xlsx", filled(ACCOUNTS, {}))
save("services.xlsx", filled(SERVICES, {
    6: "S-100003-1", 7: "S-100001-1", 9: "S-200001-1", 10: "S-100003-1",
    11: "nonsense"}))
sheet = "xl/worksheets/sheet1.xml"
good = filled(ACCOUNTS, {6: "F003"})
save("doctype.xlsx", with_part(good, sheet, lambda b: b.replace(
    b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet', 1)))
save("bomb.xlsx", with_part(good, sheet, lambda b: b.replace(
    b"<sheetData>", b"<sheetData>" + b" " * (64 << 20), 1)))
save("cut.xlsx", good[:len(good) // 2])
save("noise.xlsx", b"PK\x03\x04" + bytes(range(256)) * 8)

save("few.csv", b"\xef\xbb\xbfname;accountNumber\r\nx;F004\r\n\r\ny;\r\n"
     b"z;F005\r\nz;F004\r\n")
save("ragged.csv", b"accountNumber,name\nF006\nF007,x,y\nF008,\"open\nF009,z\n")
save("max.csv", b"accountNumber\nF010\n".ljust(SIZE, b"\n"))
save("over.csv", b"accountNumber\nF010\n".ljust(SIZE + 1, b"\n"))
save("header.csv", b"accountNumber\n")
save("zero.csv", b"")
save("nul.csv", b"accountNumber\nF0\x0010\n")
save("names.csv", b"a,b\nF010,x\n")
