// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026, the Labyrinth authors

// A C++ program with every installed header of liblabyrinth, and the pool in use.
#include <cstdio>
#include <thread>
#include <vector>

EVERY_HEADER

int
main()
{
	labyrinth_pool_config config = {};
	struct labyrinth_pool_stats stats; // a function has the name too
	labyrinth_owner *owner = nullptr;
	labyrinth_pool *pool = nullptr;
	labyrinth_error error;

	config.pages = 512;
	config.numa_node = -1;
	if (labyrinth_pool_create(&config, &pool, &error) != 0 ||
			labyrinth_owner_register(pool, "c++", nullptr, 0, &owner) != 0) {
		std::fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	std::vector<labyrinth_page> pages(100);
	std::thread([&] {
		labyrinth_alloc_bulk(owner, LABYRINTH_GFP_ATOMIC | LABYRINTH_GFP_ZERO,
			pages.data(), pages.size());
	}).join();
	labyrinth_pool_stats(pool, &stats);
	unsigned int owned = stats.owned;
	labyrinth_free_bulk(owner, pages.data(), pages.size(), nullptr);
	std::printf("owned %u\n", owned);
	return owned == pages.size() && labyrinth_pool_destroy(pool, &error) == 0 ? 0 : 1;
}
