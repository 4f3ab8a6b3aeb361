/* SPDX-License-Identifier: ISC */
#include "codec/xlsx.h"

#define HEADING_ROW (XLSX_TEMPLATE_ROW - 1)

/* A sheet of one column: the lines from row 1 on, the last as heading. */
static int template(struct buf *out, const char *sheet,
    const char *const line[HEADING_ROW], struct err *e)
{
	struct row row[HEADING_ROW];
	const struct xlsx_out o = { .sheet = sheet, .row = row,
	    .n = HEADING_ROW, .width = 30 };
	size_t i;

	for (i = 0; i < HEADING_ROW; i++)
		row[i] = (struct row){ .number = i + 1, .cell = &line[i],
		    .n = 1 };
	return xlsx_write(out, &o, e);
}

int xlsx_template_accounts(struct buf *out, struct err *e)
{
	static const char *const line[HEADING_ROW] = {
		"Accounts to add to an enterprise",
		"Write one account number in each row of column A, from row 6 "
		"on.",
		"At most 100 numbers and 1 MB a file. Blank cells are passed "
		"over; a number twice is refused.",
		"Leave the rows above and the format of the column (text) as "
		"they are: numbers keep their leading zeros.",
		"Account number",
	};

	return template(out, "Accounts", line, e);
}

int xlsx_template_services(struct buf *out, struct err *e)
{
	static const char *const line[HEADING_ROW] = {
		"Services to put into a service group",
		"Write one service ID in each row of column A, from row 6 on.",
		"All of them belong to accounts of the group's company. Blank "
		"cells are passed over; an ID twice is refused.",
		"Leave the rows above and the format of the column (text) as "
		"they are: IDs keep their leading zeros.",
		"Service ID",
	};

	return template(out, "Services", line, e);
}
