// SPDX-License-Identifier: Apache-2.0
#include "retry/array_child.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <vector>

#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::retry {
namespace {

std::int64_t number_in(const char* variable, std::int64_t if_unset) {
    const char* text = std::getenv(variable);
    if (text == nullptr) return if_unset;
    const auto number = to_int(text);
    if (!number || *number < 0)
        throw Error{Exit::usage, fmt::format("{} is '{}', no number", variable, text)};
    return *number;
}

}  // namespace

ArrayChild this_child(std::int64_t index) {
    ArrayChild child;
    child.index = index >= 0 ? index : number_in("AWS_BATCH_JOB_ARRAY_INDEX", 0);
    child.scheduled = std::getenv("AWS_BATCH_JOB_ATTEMPT") != nullptr;
    child.attempt = static_cast<int>(number_in("AWS_BATCH_JOB_ATTEMPT", 1));
    return child;
}

WorkItem item_of_list(std::string_view list, const ArrayChild& child, std::string_view place) {
    auto lines = split(list, '\n');
    while (!lines.empty() && trim(lines.back()).empty()) lines.pop_back();
    const auto index = static_cast<std::size_t>(child.index);
    if (index >= lines.size())
        throw Error{Exit::usage, fmt::format("{} has {} lines, no line of index {}", place,
                                             lines.size(), child.index)};
    return parse_item(lines[index], fmt::format("{} line {}", place, child.index + 1));
}

std::string record_name(const WorkItem& item, const ArrayChild& child) {
    return fmt::format("{}.{}.json", item.run_id, child.attempt);
}

bool runs_again(const ArrayChild& child, int exit_code) {
    return child.scheduled && (exit_code == static_cast<int>(Exit::terminated) ||
                               exit_code == static_cast<int>(Exit::temporary));
}

}  // namespace hls::retry
