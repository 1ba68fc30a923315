// SPDX-License-Identifier: Apache-2.0
#include "atmosphere/tables.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"

namespace hls::atmosphere {

const BandTable& Tables::band(std::string_view name) const {
    const auto found = std::find_if(bands.begin(), bands.end(),
                                    [&](const BandTable& table) { return table.name == name; });
    if (found == bands.end())
        throw Error{
            Exit::bad_input,
            fmt::format("the {} tables ({}) have no band {}", sensor_name(sensor), source, name),
            "build them again: hls-lasrc tables --sensor " + std::string(sensor_name(sensor)) +
                " --overwrite"};
    return *found;
}

}  // namespace hls::atmosphere
