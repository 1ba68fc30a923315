// SPDX-License-Identifier: Apache-2.0
// One claimed unit as a command to run, in a form that travels: to a child, to a line of a list, to
// an array job.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "joblog/unit.hpp"

namespace hls::retry {

constexpr std::int64_t kMostMemory_mb = 1'000'000'000;

struct Limits {
    std::int64_t memory_mb = 0;  // 0: none; at most kMostMemory_mb
    double time_s = 0;
};

struct WorkItem {
    std::string unit, stage, run_id;
    std::int64_t seq = 0;
    std::vector<std::string> command;  // the tool and its arguments
    Limits limits;
    std::vector<std::string> expected_outputs;
};

// What the words in braces of a command stand for:
//   {unit} {key} {stage} {run_id} {seq} {tile} {path} {row} {date} {hls_id} {scene} {input}
//   {spec.NAME}; {key} is the unit's name with '/' and ':' replaced by '_'.
// An argument that is one of these words expands to any number of arguments:
//   {inputs}  outputs of all members that are done, in order
//   {pass}    --rows 027,028 [--sensing-time T], so that a tile keeps its name whichever rows came
// {input} is the output of the fetch unit, else the local copy, else the address of the product.
std::vector<std::string> expand_command(store::Connection& connection, const joblog::Unit& unit,
                                        const std::vector<std::string>& words);

WorkItem make_item(store::Connection& connection, const joblog::Unit& unit,
                   const std::vector<std::string>& words, const Limits& limits,
                   const std::vector<std::string>& expected_outputs);

// One line {"unit","run_id","seq","argv":[...]} as --inputs-from reads it: argv without the tool,
// which is named in "tool".
std::string item_line(const WorkItem& item);
// Throws Error{bad_input} naming `place`.
WorkItem parse_item(std::string_view line, std::string_view place);

// The command quoted for a shell, with the identity of the run in its environment.
std::string shell_line(const WorkItem& item);

}  // namespace hls::retry
