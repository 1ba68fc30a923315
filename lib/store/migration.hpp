// SPDX-License-Identifier: Apache-2.0
// The schema of a file, built and brought up to date in numbered steps.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "store/connection.hpp"

namespace hls::store {

struct Schema {
    // "hls job log": how people call such a file in messages.
    std::string_view name;
    // Marks the file in its header (PRAGMA application_id), so that another database is not taken
    // for one of ours. Not 0.
    std::int32_t application_id;
    // Step N takes version N to N+1 (PRAGMA user_version). Steps are only ever added at the end.
    std::span<const std::string_view> steps;
};

// Brings the file to the newest version in one transaction; an empty file gets the whole schema.
// Returns the number of steps run. Throws Error: as require_schema() for a foreign file or one from
// a newer program, and as Connection says.
int migrate(Connection& connection, const Schema& schema);

// Throws Error unless the file has exactly the newest version: bad_input for a foreign file,
// unavailable for one that a newer program made or one that migrate() has not brought up to date.
void require_schema(Connection& connection, const Schema& schema);

// SQLite's own check of every page and index, and of foreign keys. Empty when all is well, else
// the first problem.
std::string integrity_problem(Connection& connection);

}  // namespace hls::store
