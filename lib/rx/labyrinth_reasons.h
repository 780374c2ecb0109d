/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LABYRINTH_REASONS_H
#define LABYRINTH_REASONS_H

/**
 * @file
 * Why a frame was lost. Each reason is declared once, here, and the screen, the
 * JSON and every other writer take name and sentence from it, so that no counter
 * exists in one of them only.
 *
 * A reason counts lost frames. Failed attempts are another thing: most PMDs count
 * one or a whole batch of failed mbuf allocations in rx_nombuf on each poll, with
 * the frame still in the ring. Such a count is never entered under a reason.
 */

#ifdef __cplusplus
extern "C" {
#endif

/** What a card or its driver loses. X(identifier, "short_name", "sentence") */
#define LABYRINTH_CARD_REASONS(X)                                                        \
	X(IMISSED, "imissed", "the NIC had no posted descriptor for the frame")          \
	X(RX_ERRORS, "rx_errors", "the NIC or PMD threw the frame away as erroneous")    \
	X(RX_NOMBUF, "rx_nombuf",                                                        \
		"the PMD took the frame and dropped it for want of an mbuf")             \
	X(DROP_NO_PAGE, "drop_no_page",                                                  \
		"no page was to be had in place of the frame's, which was posted again") \
	X(BAD_FCS, "bad_fcs", "the frame check sequence was wrong")                      \
	X(TRUNCATED, "truncated", "the frame ended before its 64th byte")                \
	X(OVERSIZE, "oversize", "the frame was longer than the MTU allows")              \
	X(LINK_DOWN, "link_down", "the link was down when the frame was sent")           \
	X(STALLED, "stalled", "the device did nothing when the frame arrived")           \
	X(STOPPED, "stopped", "the frame was in the ring when the port was stopped")

/** What an application loses after it received the frame. */
#define LABYRINTH_APP_REASONS(X)                                                         \
	X(TX_FULL, "tx_full", "no room in the tx queue that the frame was to leave by")  \
	X(RING_FULL, "ring_full", "no room in the ring to the lcore that works on it")

/** All of them. */
#define LABYRINTH_REASONS(X)                                                             \
	LABYRINTH_CARD_REASONS(X)                                                        \
	LABYRINTH_APP_REASONS(X)

/** Reasons, in the order in which they are declared. */
enum labyrinth_reason {
#define LABYRINTH_REASON_ID(id, name, sentence) LABYRINTH_REASON_##id,
	LABYRINTH_REASONS(LABYRINTH_REASON_ID)
#undef LABYRINTH_REASON_ID
	LABYRINTH_REASON_COUNT
};

/** The reasons of cards come first. */
#define LABYRINTH_CARD_REASON_COUNT LABYRINTH_REASON_TX_FULL

/** Short name, as used for keys. @return NULL when @p reason is none */
const char *
labyrinth_reason_name(enum labyrinth_reason reason);

/** What it means, in one sentence. @return NULL when @p reason is none */
const char *
labyrinth_reason_sentence(enum labyrinth_reason reason);

#ifdef __cplusplus
}
#endif

#endif /* LABYRINTH_REASONS_H */
