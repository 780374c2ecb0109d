/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_OPTION_TABLE_H
#define RX_OPTION_TABLE_H

/**
 * @file
 * The one table of options: the parser, --help and the manual page are made from it.
 * Reading only, any thread.
 */

#include <stddef.h>
#include <stdint.h>

#include "options.h"

/** How an option's value is read. */
enum rx_option_kind {
	RX_OPTION_FLAG,     /**< none: sets a bool */
	RX_OPTION_COUNT,    /**< a whole number from min to max */
	RX_OPTION_MASK,     /**< a hexadecimal number up to max */
	RX_OPTION_SECONDS,  /**< a double */
	RX_OPTION_TEXT,     /**< a string */
	RX_OPTION_OWN,      /**< read() does it */
};

/** One option. */
struct rx_option {
	const char *name;
	const char *value;     /**< what --help calls its value, NULL: it has none */
	const char *sentence;  /**< without a full stop; the default is added */
	enum rx_option_kind kind;
	char letter;           /**< short form, 0: none */
	uint16_t at;           /**< where in struct rx_options it goes */
	uint8_t width;         /**< bytes there */
	uint64_t min, max;
	enum rx_exit (*read)(const char *text, struct rx_options *options,
		struct labyrinth_error *error);
};

/** Options that belong together. */
struct rx_option_group {
	const char *title;
	const struct rx_option *options;  /**< ends with a name of NULL */
};

/** All options, by groups; ends with a title of NULL. */
extern const struct rx_option_group rx_option_groups[];

/** What holds without options. */
extern const struct rx_options rx_option_defaults;

/** An option of testpmd that is read and not followed. */
struct rx_foreign_option {
	const char *name;
	bool value;            /**< it has one */
	/** Why it can be left out, for one that is passed over; NULL: it is refused. */
	const char *harmless;
};

/** All of them; ends with a name of NULL. */
extern const struct rx_foreign_option rx_foreign_options[];

/** Look up an option by name or by letter. @return NULL there is none */
const struct rx_option *
rx_option_find(const char *name, size_t length);
const struct rx_option *
rx_option_of_letter(int letter);
const struct rx_foreign_option *
rx_foreign_option_find(const char *name, size_t length);

#endif /* RX_OPTION_TABLE_H */
