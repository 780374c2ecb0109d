/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/* --help and the manual page, from the one table. */

#include <inttypes.h>
#include <string.h>

#include <rte_common.h>

#include "labyrinth_pool.h"
#include "mode.h"
#include "option_table.h"

/** Where sentences begin, and the last column. */
#define INDENT 25u
#define COLUMNS 79u

static const char purpose[] =
	"Receives on all ports, does with each frame what the mode says, accounts for all "
	"of them. EAL-OPTIONS are those of all DPDK programs: -l, --vdev, -a ... Where "
	"testpmd has an option for the same, it has the same name here.";

static const char pages_rule[] =
	"By default, for each rx queue twice its descriptors and a burst; for each tx queue "
	"of a mode that sends its descriptors; what a mode keeps; for each lcore twice what "
	"it may cache (%u); rounded up to 2 MiB.";

static const char *const exit_codes[][2] = {
	{ "0", "ran, and every frame and page is accounted for" },
	{ "1", "--packets not reached within --duration" },
	{ "2", "wrong usage, or a wrong command of a script" },
	{ "3", "hugepages, rights or devices missing" },
	{ "4", "the ledger is out of balance or a page leaked" },
};

/* Print words of @p text from column @p at, filled to COLUMNS. */
static void
print_filled(FILE *out, const char *text, unsigned int indent, unsigned int at)
{
	while (*text != '\0') {
		size_t word = strcspn(text, " ");

		if (at + word > COLUMNS && at > indent) {
			fprintf(out, "\n%*s", indent, "");
			at = indent;
		}
		fprintf(out, "%.*s", (int)word, text);
		at += (unsigned int)word;
		text += word;
		if (*text == ' ') {
			text++;
			if (at < COLUMNS && at + strcspn(text, " ") < COLUMNS)
				fputc(' ', out);
			at++;
		}
	}
	fputc('\n', out);
}

/* What holds without the option, as " (...)", or nothing where that says nothing. */
static void
format_default(const struct rx_option *o, char *text, size_t size)
{
	const void *from = RTE_PTR_ADD(&rx_option_defaults, o->at);
	uint64_t value = 0;

	text[0] = '\0';
	if (o->kind == RX_OPTION_OWN && o->width == sizeof(char *))
		snprintf(text, size, " (%s)", *(const char *const *)from);
	if (o->kind != RX_OPTION_COUNT)
		return;
	memcpy(&value, from, o->width); /* little endian */
	if (value != 0)
		snprintf(text, size, " (%" PRIu64 ")", value);
}

static void
print_option(FILE *out, const struct rx_option *o)
{
	char text[512], standard[64], head[64];

	format_default(o, standard, sizeof(standard));
	snprintf(text, sizeof(text), "%s%s", o->sentence, standard);
	if (o->letter != 0)
		snprintf(head, sizeof(head), "  -%c, --%s", o->letter, o->name);
	else
		snprintf(head, sizeof(head), "  --%s%s%s", o->name,
			o->value == NULL ? "" : " ", o->value == NULL ? "" : o->value);
	fprintf(out, "%-*s", (int)INDENT, head);
	if (strlen(head) >= INDENT)
		fprintf(out, "\n%*s", (int)INDENT, "");
	print_filled(out, text, INDENT, INDENT);
}

void
rx_options_help(FILE *out, const char *program)
{
	char text[512];

	fprintf(out, "Usage: %s EAL-OPTIONS -- OPTIONS\n", program);
	print_filled(out, purpose, 0, 0);
	for (const struct rx_option_group *g = rx_option_groups; g->title != NULL; g++) {
		fprintf(out, "\n%s\n", g->title);
		for (const struct rx_option *o = g->options; o->name != NULL; o++)
			print_option(out, o);
	}
	fprintf(out, "\nMODES\n");
	for (const struct rx_mode *const *m = rx_modes; *m != NULL; m++) {
		fprintf(out, "  %-10s ", (*m)->name);
		print_filled(out, (*m)->sentence, 13, 13);
	}
	fprintf(out, "\nPAGES\n  ");
	snprintf(text, sizeof(text), pages_rule, LABYRINTH_CACHE_DEFAULT);
	print_filled(out, text, 2, 2);
	fprintf(out, "\nExit status\n");
	for (size_t i = 0; i < RTE_DIM(exit_codes); i++)
		fprintf(out, "  %s  %s\n", exit_codes[i][0], exit_codes[i][1]);
	fprintf(out, "\nExample: %s -l 0-1 --no-pci --vdev net_null0 -- --duration 10\n",
		program);
}

/* A hyphen of an option is a minus sign for troff, a leading dot would be a request. */
static void
man_text(FILE *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", out);
	for (; *text != '\0'; text++) {
		if (*text == '-')
			fputs("\\-", out);
		else if (*text == '\\')
			fputs("\\e", out);
		else
			fputc(*text, out);
	}
}

static void
man_option(FILE *out, const struct rx_option *o)
{
	char standard[64];

	format_default(o, standard, sizeof(standard));
	fprintf(out, ".TP\n");
	if (o->letter != 0)
		fprintf(out, "\\fB\\-%c\\fR, ", o->letter);
	fprintf(out, "\\fB\\-\\-");
	man_text(out, o->name);
	fprintf(out, "\\fR");
	if (o->value != NULL) {
		fprintf(out, " \\fI");
		man_text(out, o->value);
		fprintf(out, "\\fR");
	}
	fputc('\n', out);
	man_text(out, o->sentence);
	fprintf(out, "%s.\n", standard);
}

static void
man_entry(FILE *out, const char *head, const char *text)
{
	fprintf(out, ".TP\n\\fB");
	man_text(out, head);
	fprintf(out, "\\fR\n");
	man_text(out, text);
	fprintf(out, ".\n");
}

void
rx_options_man(FILE *out, const char *program)
{
	char text[512];

	fprintf(out, ".TH LABYRINTH\\-RX 1 \"\" \"Labyrinth\" \"User Commands\"\n.SH NAME\n");
	man_text(out, program);
	fprintf(out, " \\- receive by DPDK into pages of exclusive owners\n"
		     ".SH SYNOPSIS\n.B ");
	man_text(out, program);
	fprintf(out, "\n.I EAL\\-OPTIONS\n.B \\-\\-\n.I OPTIONS\n.SH DESCRIPTION\n");
	man_text(out, purpose);
	fprintf(out, "\n.SH OPTIONS\n");
	for (const struct rx_option_group *g = rx_option_groups; g->title != NULL; g++) {
		fprintf(out, ".SS ");
		man_text(out, g->title);
		fputc('\n', out);
		for (const struct rx_option *o = g->options; o->name != NULL; o++)
			man_option(out, o);
	}
	fprintf(out, ".SH MODES\n");
	for (const struct rx_mode *const *m = rx_modes; *m != NULL; m++)
		man_entry(out, (*m)->name, (*m)->sentence);
	fprintf(out, ".SH PAGES\n");
	snprintf(text, sizeof(text), pages_rule, LABYRINTH_CACHE_DEFAULT);
	man_text(out, text);
	fprintf(out, "\n.SH EXIT STATUS\n");
	for (size_t i = 0; i < RTE_DIM(exit_codes); i++)
		man_entry(out, exit_codes[i][0], exit_codes[i][1]);
	fprintf(out, ".SH EXAMPLE\n.B ");
	man_text(out, program);
	man_text(out, " -l 0-1 --no-pci --vdev net_null0 -- --duration 10\n");
}
