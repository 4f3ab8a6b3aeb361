# SPDX-License-Identifier: ISC
"""xlsx_make.py DIR: workbooks for test_xlsx, good ones by openpyxl, hostile
ones by zipfile.  xlsx_make.py --show FILE: what openpyxl reads in one."""
import datetime
import io
import struct
import sys
import warnings
import zipfile

import openpyxl
from openpyxl.styles import numbers

MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
PACKAGE = 'http://schemas.openxmlformats.org/package/2006/'
SHEET = 'xl/worksheets/sheet1.xml'
STRINGS = 'xl/sharedStrings.xml'


def good(path):
    book = openpyxl.Workbook()
    hidden = book.active
    hidden.title = 'Hidden'
    hidden.sheet_state = 'hidden'
    hidden['A1'] = 'not this one'
    sheet = book.create_sheet('Joiners')
    book.active = 1
    sheet.append(['id', 'name', 'start', 'number', 'yes', 'time', 'both'])
    sheet.append(['000123', 'José & <Ärzte>', datetime.date(2024, 2, 29),
                  12345678901, True, datetime.time(13, 45, 30),
                  datetime.datetime(2024, 1, 2, 3, 4, 5)])
    sheet.append([None, None, None, 0.5, False])
    sheet.append([1e15, 1e16, -1.5e-7, 123456789012, 0, 100, 1.10])
    sheet['A6'] = '=1+1'
    sheet.merge_cells('A8:B9')
    sheet['A8'] = 'merged'
    sheet['B11'] = 'last'
    other = book.create_sheet('Other')
    other['C2'] = 'other'
    other['D2'] = 1
    other['D2'].number_format = numbers.FORMAT_DATE_XLSX14
    very = book.create_sheet('Very')
    very.sheet_state = 'veryHidden'
    book.save(path)


def year1904(path):
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active['A1'] = datetime.date(2024, 2, 29)
    book.save(path)


def rels(*relation):
    return '<Relationships xmlns="%srelationships">%s</Relationships>' % (
        PACKAGE, ''.join('<Relationship Id="%s" Type="%s/%s" Target="%s"%s/>' %
                         (i, OFFICE, t, target, more)
                         for i, t, target, more in relation))


def parts(rows, strings=None, more=()):
    """The parts of a workbook whose sheet has these rows."""
    yield '_rels/.rels', rels(('r1', 'officeDocument', 'xl/workbook.xml', ''))
    yield 'xl/workbook.xml', (
        '<workbook xmlns="%s" xmlns:r="%s"><sheets><sheet name="S" '
        'sheetId="1" r:id="r1"/></sheets></workbook>' % (MAIN, OFFICE))
    yield 'xl/_rels/workbook.xml.rels', rels(
        ('r1', 'worksheet', 'worksheets/sheet1.xml', ''),
        ('r2', 'sharedStrings', 'sharedStrings.xml', ''),
        ('r3', 'externalLink', 'file:///etc/passwd',
         ' TargetMode="External"'))
    yield SHEET, ('<worksheet xmlns="%s"><sheetData>%s</sheetData>'
                  '</worksheet>' % (MAIN, rows))
    if strings is not None:
        yield STRINGS, '<sst xmlns="%s">%s</sst>' % (MAIN, strings)
    yield from more


def pack(path, entries, method=zipfile.ZIP_DEFLATED):
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')        # of names that are twice there
        with zipfile.ZipFile(path, 'w', method) as z:
            for name, data in entries:
                z.writestr(name, data)


def patched(path, entries, change):
    """change(bytes of the zip): what a well-meaning library won't write."""
    f = io.BytesIO()
    pack(f, entries)
    data = bytearray(f.getvalue())
    change(data)
    with open(path, 'wb') as out:
        out.write(data)


def headers(data):
    """(offset of local header, offset of central header) of each entry."""
    end = data.rindex(b'PK\5\6')
    at = struct.unpack_from('<I', data, end + 16)[0]
    for _ in range(struct.unpack_from('<H', data, end + 10)[0]):
        n, m, k = struct.unpack_from('<HHH', data, at + 28)
        yield struct.unpack_from('<I', data, at + 42)[0], at, bytes(
            data[at + 46:at + 46 + n]).decode()
        at += 46 + n + m + k


def encrypt(data):
    for local, central, name in headers(data):
        if name == SHEET:
            data[local + 6] |= 1
            data[central + 8] |= 1


def lie(data):
    """The sheet is said to inflate to ten bytes."""
    for local, central, name in headers(data):
        if name == SHEET:
            struct.pack_into('<I', data, local + 22, 10)
            struct.pack_into('<I', data, central + 24, 10)


def spoil(data):
    for local, _, name in headers(data):
        if name == SHEET:
            at = local + 30 + len(name) + 20
            data[at] ^= 0xff


ROW = '<row r="1"><c r="A1"><v>1</v></c></row>'


def bomb(mib):
    """So many megabytes of nothing, which deflate to next to nothing."""
    blank = '<x></x>' * (1 << 16)
    return ''.join(blank for _ in range(mib * (1 << 20) // len(blank)))


def nested():
    inner = io.BytesIO()
    pack(inner, [('zeros', b'\0' * (32 << 20))])
    outer = io.BytesIO()
    pack(outer, [('%d.zip' % i, inner.getvalue()) for i in range(16)])
    return outer.getvalue()


def hostile(d):
    ok = list(parts(ROW))
    pack(d + 'minimal.xlsx', ok)
    pack(d + 'stored.xlsx', ok, zipfile.ZIP_STORED)
    pack(d + 'twice.xlsx', ok + [(SHEET, 'x')])
    pack(d + 'twice-case.xlsx', ok + [('XL/worksheets/Sheet1.xml', 'x')])
    for name, n in (('../evil', 1), ('/evil', 2), ('a/../../evil', 3),
                    ('a\\..\\evil', 4), ('c:evil', 5)):
        pack(d + 'name%d.xlsx' % n, ok + [(name, 'x')])
    patched(d + 'encrypted.xlsx', ok, encrypt)
    patched(d + 'liar.xlsx', parts(ROW + ROW.replace('1', '2')), lie)
    patched(d + 'spoilt.xlsx', parts(''.join(
        ROW.replace('1', str(i)) for i in range(1, 200))), spoil)
    pack(d + 'bzip2.xlsx', ok, zipfile.ZIP_BZIP2)
    pack(d + 'many.xlsx', ok + [('x%d' % i, '') for i in range(100000)],
         zipfile.ZIP_STORED)
    pack(d + 'nested.xlsx', ok + [('xl/embeddings/42.zip', nested()),
                                  ('xl/externalLinks/externalLink1.xml', '<')])
    pack(d + 'bomb.xlsx', parts(bomb(200)))
    pack(d + 'string-bomb.xlsx', parts(ROW, '<si><t/></si>' * (20 << 20)))
    pack(d + 'no-strings.xlsx', parts(
        '<row r="1"><c t="s" r="A1"><v>0</v></c></row>'))
    cell = '<c t="s"><v>0</v></c>'
    pack(d + 'amplified.xlsx', parts(
        ('<row>' + cell * 20 + '</row>') * 1000,
        '<si><t>' + 'x' * 32000 + '</t></si>'))
    pack(d + 'plain.zip', [('hello', 'world')])
    with open(d + 'old.xls', 'wb') as f:
        f.write(b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1' + b'\0' * 4096)
    with open(d + 'large.xlsx', 'wb') as f:
        f.truncate((64 << 20) + 1)


def show(path):
    book = openpyxl.load_workbook(path)
    sheet = book.active
    print(sheet.title, len(book.sheetnames))
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value is not None:
                print(cell.coordinate, cell.data_type, cell.number_format,
                      repr(cell.value))


if sys.argv[1] == '--show':
    show(sys.argv[2])
else:
    good(sys.argv[1] + '/good.xlsx')
    year1904(sys.argv[1] + '/1904.xlsx')
    hostile(sys.argv[1] + '/')
