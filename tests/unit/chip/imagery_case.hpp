// SPDX-License-Identifier: Apache-2.0
// What tests of catalogues share.
#pragma once

#include <functional>

#include "chip/imagery_table.hpp"
#include "chip/shipped.hpp"
#include "core/error.hpp"

namespace hls::chip {

inline ImageryTable shipped_table() {
    return parse_imagery_table(shipped_imagery(), "imagery.json");
}

// How `body` fails; ok if it does not.
inline Exit code_of(const std::function<void()>& body) {
    try {
        body();
    } catch (const Error& error) {
        return error.code;
    }
    return Exit::ok;
}

}  // namespace hls::chip
