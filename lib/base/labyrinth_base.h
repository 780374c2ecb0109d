/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LABYRINTH_BASE_H
#define LABYRINTH_BASE_H

/**
 * @file
 * What every layer needs and no more: the error text of set-up calls and a few
 * compiler words. Nothing here allocates, locks or logs.
 */

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Size of the line that the ownership rules are laid out for, in bytes. */
#define LABYRINTH_CACHE_LINE 64

#define labyrinth_likely(x)   __builtin_expect(!!(x), 1)
#define labyrinth_unlikely(x) __builtin_expect(!!(x), 0)

/** A function of the data path that is compiled into each caller, for its arguments. */
#define LABYRINTH_HOT static inline __attribute__((always_inline))
/** A function that is seldom called from the data path and kept out of its way. */
#define LABYRINTH_COLD __attribute__((noinline, cold))

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define LABYRINTH_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define LABYRINTH_SANITIZED 1
#endif
#endif

/**
 * A function of which there are several, with vectors as wide as machines have them; the
 * loader picks one. The build's baseline is SSE4.2. (Sanitizers do not survive the
 * resolvers, which run before they are set up; clang 14 gives the resolved function
 * another name than its declaration.)
 */
#if defined(__x86_64__) && !defined(LABYRINTH_SANITIZED) && !defined(__clang__)
#define LABYRINTH_WIDE __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#else
#define LABYRINTH_WIDE
#endif

/**
 * Why a set-up call failed, in one line that tells the fix. Set-up calls take a
 * pointer to one, or NULL by a caller that only wants the -errno.
 */
struct labyrinth_error {
	char text[256];
};

/** Fill @p error (may be NULL) and return @p code, so that it can be returned. */
__attribute__((format(printf, 3, 4))) static inline int
labyrinth_fail(struct labyrinth_error *error, int code, const char *format, ...)
{
	if (error != NULL) {
		va_list ap;

		va_start(ap, format);
		vsnprintf(error->text, sizeof(error->text), format, ap);
		va_end(ap);
	}
	return code;
}

#ifdef __cplusplus
}
#endif

#endif /* LABYRINTH_BASE_H */
