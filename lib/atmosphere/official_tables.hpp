// SPDX-License-Identifier: Apache-2.0
// The tables in the layout that NASA's LaSRC reads: folders LDCMLUT (OLI) and MSILUT (MSI) with
// ANGLE_NEW.hdf, RES_LUT*.hdf, TRANS_LUT*.ASCII and AERO_LUT*.ASCII (lasrc.md 1.1-1.4).
#pragma once

#include <filesystem>
#include <string_view>

#include "atmosphere/tables.hpp"

namespace hls::atmosphere {

std::string_view official_folder_name(Sensor sensor);  // "LDCMLUT", "MSILUT"

// All 8 OLI or 13 MSI bands. Files are found by the beginnings of their names, directions are taken
// as ANGLE_NEW gives them. The transmittance at sun 84 is 0: the official files end at 80 deg.
// Throws Error{missing_input} naming every absent file, and Error{bad_input} for data sets that are
// absent or of another shape, axes that differ from LaSRC's, and values that are not physical.
Tables read_official_tables(const std::filesystem::path& folder, Sensor sensor);

// Writes the four files into `folder`, which exists (give the temporary folder of an
// fs::AtomicDirectory), at the official 20 views x 22 suns x 8000 entries. Views the tables lack
// are filled with zeros: LaSRC reads only those around its view angle. The transmittance at sun 84
// is not kept. `tables` must hold all bands of the sensor (else Error{internal}). Throws
// Error{cannot_create, io_error}.
void write_official_tables(const Tables& tables, const std::filesystem::path& folder);

}  // namespace hls::atmosphere
