/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stdlib.h>
#include <time.h>

#include <rte_cycles.h>
#include <rte_launch.h>

#include "figures/live.h"
#include "mode/generator.h"
#include "run.h"
#include "rx_sleep.h"
#include "xstats.h"

/** How long the idle main lcore sleeps before it looks whether all is over, in ns. */
#define NAP_NS 10000000

static void
end_polling(struct rx_app *app)
{
	/* relaxed: the loops look at nothing but the flag itself */
	atomic_store_explicit(&app->plan.control.stop, true, memory_order_relaxed);
}

/* What is due at TSC now: rates, links, the end. Returns when to look again. */
static uint64_t
tick(void *opaque, uint64_t now)
{
	struct rx_app *app = opaque;
	uint64_t due = app->watch.at, next = rx_watch_tick(&app->watch, now);

	if (now >= due && app->options.stats_period_s > 0)
		rx_xstats_print(app->options.xstats, app->ports, app->nb_ports, app->out);
	if (now >= app->end_at) {
		app->timed_out = true;
		end_polling(app);
	}
	if (now >= app->look_at) {
		rx_links_tell(app->ports, app->nb_ports, stderr);
		app->look_at = now + rte_get_tsc_hz() / RX_LINK_LOOKS_PER_SECOND;
	}
	if (ferror(app->out)) { /* nobody reads any more, where SIGPIPE was the end before */
		/* relaxed: as in rx_app_quits() */
		atomic_store_explicit(&app->quit, true, memory_order_relaxed);
		end_polling(app);
	}
	next = RTE_MIN(next, app->look_at);
	return RTE_MIN(next, app->end_at);
}

static void
schedule(struct rx_app *app, uint64_t now)
{
	double hz = (double)rte_get_tsc_hz();
	const struct rx_options *o = &app->options;

	app->end_at =
		o->duration_s > 0 ? now + (uint64_t)(o->duration_s * hz) : UINT64_MAX;
	rx_watch_start(&app->watch, now);
}

/* --tx-first: something to go round in a loop. */
static enum rx_exit
send_first(struct rx_app *app, struct labyrinth_error *error)
{
	const struct rx_mode_config config = { &app->options, app->pool };
	struct rx_generator *generator;

	for (uint32_t i = 0; i < app->plan.nb_queues; i++) {
		struct rx_queue *q = &app->plan.queues[i];
		enum rx_exit ret =
			rx_generator_create(q, &config, 1, 1, &generator, error);

		if (ret != RX_OK)
			return ret;
		rx_generator_send(generator, q);
		free(generator);
	}
	return RX_OK;
}

static void
end_sleeps(struct rx_plan *plan)
{
	for (uint32_t i = 0; i < plan->nb_lcores; i++) {
		if (plan->lcores[i].sleep != NULL)
			rx_sleep_end(plan->lcores[i].sleep);
	}
}

static enum rx_exit
begin_sleeps(struct rx_plan *plan, struct labyrinth_error *error)
{
	enum rx_exit ret = RX_OK;

	for (uint32_t i = 0; i < plan->nb_lcores && ret == RX_OK; i++) {
		struct rx_lcore *lcore = &plan->lcores[i];

		if (lcore->sleep != NULL)
			ret = rx_sleep_begin(lcore->sleep, lcore, error);
	}
	if (ret != RX_OK)
		end_sleeps(plan);
	return ret;
}

static void
start_figures(struct rx_app *app)
{
	app->started_at = rte_rdtsc();
	rx_live_hold();
	app->scene.start = app->started_at;
	rx_live_release();
	schedule(app, app->started_at);
}

static lcore_function_t *
loop_of(const struct rx_lcore *lcore)
{
	return lcore->sleep == NULL ? rx_loop : rx_loop_sleeping;
}

/* So that they see at once that it is over. */
static void
wake_sleepers(struct rx_plan *plan)
{
	for (uint32_t i = 0; i < plan->nb_lcores; i++) {
		if (plan->lcores[i].sleep != NULL)
			rx_sleep_wake(plan->lcores[i].sleep);
	}
}

enum rx_exit
rx_run_start(struct rx_app *app, struct labyrinth_error *error)
{
	struct rx_plan *plan = &app->plan;
	enum rx_exit ret;

	/* seq_cst, both: an earlier signal has set quit, a later one sets stop again */
	atomic_store_explicit(&plan->control.stop, false, memory_order_seq_cst);
	if (atomic_load_explicit(&app->quit, memory_order_seq_cst))
		end_polling(app);
	rx_live_hold();
	rx_plan_end(plan); /* of the run before */
	ret = rx_plan_begin(plan, rx_mode_find(app->options.mode), &app->options, error);
	rx_live_release();
	/* relaxed: nobody polls yet */
	atomic_store_explicit(&plan->control.delivered, 0, memory_order_relaxed);
	if (!app->ran)
		app->result.before = rx_plan_totals(plan, -1);
	app->ran = true;
	if (ret == RX_OK && app->options.tx_first)
		ret = send_first(app, error);
	if (ret == RX_OK)
		ret = begin_sleeps(plan, error);
	if (ret != RX_OK)
		return ret;
	start_figures(app);
	app->running = true;
	for (uint32_t i = 0; i < plan->nb_lcores && !plan->on_main; i++)
		rte_eal_remote_launch(loop_of(&plan->lcores[i]), &plan->lcores[i],
			plan->lcores[i].id);
	return RX_OK;
}

bool
rx_run_ended(struct rx_app *app)
{
	tick(app, rte_rdtsc());
	/* relaxed: the flag alone */
	return atomic_load_explicit(&app->plan.control.stop, memory_order_relaxed);
}

void
rx_run_wait(struct rx_app *app)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };
	struct rx_lcore *lcore = &app->plan.lcores[0];

	if (app->plan.on_main) {
		lcore->tick = tick;
		lcore->tick_arg = app;
		lcore->tick_at = app->started_at;
		loop_of(lcore)(lcore);
		return;
	}
	while (!rx_run_ended(app))
		nanosleep(&nap, NULL);
}

void
rx_run_stop(struct rx_app *app)
{
	if (!app->running)
		return;
	end_polling(app);
	wake_sleepers(&app->plan);
	rte_eal_mp_wait_lcore();
	end_sleeps(&app->plan);
	app->running = false;
	rx_watch_stop(&app->watch);
	rx_live_hold();
	app->scene.elapsed += rte_rdtsc() - app->started_at;
	app->scene.start = 0;
	rx_live_release();
	app->result.duration_s = (double)app->scene.elapsed / (double)rte_get_tsc_hz();
}
