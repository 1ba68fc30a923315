// SPDX-License-Identifier: Apache-2.0
// A plan as lines of JSON: the summary first, then one task a line.
#pragma once

#include <string>
#include <string_view>

#include "chip/plan.hpp"

namespace hls::chip {

std::string format_plan_summary(const PlanSummary& summary, std::size_t tasks);

// Whether a line is such a summary, of any version.
bool is_plan_summary(std::string_view line);

// The plan that a summary or a task belongs to. Throws Error{bad_input} naming `source`.
std::string plan_id_of(std::string_view line, const std::string& source);

}  // namespace hls::chip
