// SPDX-License-Identifier: Apache-2.0
// One row of the unit table, and the moves between states.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "joblog/job_log.hpp"

namespace hls::joblog {

struct Unit {
    std::int64_t id = 0;
    std::string key, stage, track, state, reason;
    int priority = 50;
    std::string sensor, tile, acq_date, hls_id;
    int path = 0, row = 0;
    int n_infra = 0, n_resource = 0, n_source = 0, n_code = 0, n_wait = 0, n_run = 0;
    std::string not_before, deadline;  // "" for none
    std::int64_t lease_seq = 0;        // counts claims
    std::string lease_run, lease_owner, lease_until, lease_since, backend, job;
    double mem_factor = 1, time_factor = 1;
    std::string input_fp, output_fp, output_uri, spec;

    // Nothing more will happen by itself.
    bool settled() const {
        return state == "done" || state == "skipped" || state == "held" || state == "cancelled" ||
               state == "superseded";
    }
};

// The columns that read_unit() reads, in its order.
extern const std::string_view kUnitColumns;
Unit read_unit(const store::Statement& row);

std::optional<Unit> find_unit(store::Connection& connection, std::string_view key);
std::optional<Unit> find_unit(store::Connection& connection, std::int64_t id);
// Throws Error{missing_input} if there is none.
Unit require_unit(store::Connection& connection, std::string_view key);

// Moves a unit and settles everything that depends on it, in the same transaction (gate.hpp).
void move_unit(Change& change, const Unit& unit, std::string_view state, std::string_view reason);

}  // namespace hls::joblog
