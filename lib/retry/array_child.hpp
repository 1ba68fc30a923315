// SPDX-License-Identifier: Apache-2.0
// One child of an array job: which line of the list is its work, and where its record goes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "retry/work_item.hpp"

namespace hls::retry {

struct ArrayChild {
    std::int64_t index = 0;  // of its line, from 0
    int attempt = 1;         // of the scheduler
    bool scheduled = false;  // by AWS Batch, which tries again by itself
};

// What AWS Batch says in the environment of a container; `index` instead of it unless negative. A
// job that is no array has index 0. Throws Error{usage} for what is no number.
ArrayChild this_child(std::int64_t index);

// The child's line of a list. Throws Error{usage} if the list is shorter, {bad_input} for a line
// that is no item; both name `place`.
WorkItem item_of_list(std::string_view list, const ArrayChild& child, std::string_view place);

// File name of the child's record: one for each attempt, so that none replaces what an earlier one
// said.
std::string record_name(const WorkItem& item, const ArrayChild& child);

// Whether AWS Batch runs the child again, as the same run, after this exit code (evaluateOnExit of
// the job definitions): then there is nothing to record yet.
bool runs_again(const ArrayChild& child, int exit_code);

}  // namespace hls::retry
