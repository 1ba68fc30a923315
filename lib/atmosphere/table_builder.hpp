// SPDX-License-Identifier: Apache-2.0
// Builds the radiative-transfer tables of a sensor from first principles.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "atmosphere/spectral_nodes.hpp"
#include "atmosphere/successive_orders.hpp"
#include "atmosphere/tables.hpp"
#include "atmosphere/urban_clean.hpp"

namespace hls::atmosphere {

inline constexpr int kNearNadirViews = 6;  // views up to 17.638 deg: what OLI and MSI look under

struct TableSettings {
    Sensor sensor = Sensor::oli;
    int view_nodes = kNearNadirViews;  // up to 20
    Accuracy accuracy = Accuracy::fast;
    WavelengthSet wavelengths = WavelengthSet::compat;
    Microphysics microphysics = Microphysics::clamp;
    std::vector<std::string> bands;  // names as in BandConstants; empty for all
};

// The settings in one line, as kept in Tables::source.
std::string describe(const TableSettings& settings);

// Solves every band, AOT and pressure. `progress`, if given, hears the done fraction (0..1) from
// one thread at a time. The same tables for any `threads`. Throws Error{usage} for an unknown band,
// and what throw_if_cancelled() throws.
Tables build_tables(const TableSettings& settings, int threads,
                    const std::function<void(double fraction)>& progress = {});

}  // namespace hls::atmosphere
