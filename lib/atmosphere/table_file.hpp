// SPDX-License-Identifier: Apache-2.0
// Our own table format: one small file per sensor with everything a scene needs, and a checksum.
//
// "HLSTABLE", then little-endian: uint32 version, 64 hexadecimal digits of the SHA-256 of all that
// follows, uint64 size of the body, the body as a zlib stream. The body holds sensor, source, axes,
// directions and per band: the path reflectance as uint16 with its largest value per (pressure,
// AOT), transmittance and spherical albedo as uint16 / 65535, extinction as float (rt.md 5).
// Quantisation changes the path reflectance by at most 1/131070 of that largest value.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "atmosphere/tables.hpp"
#include "fs/atomic_output.hpp"

namespace hls::atmosphere {

std::string table_file_name(Sensor sensor);  // "oli.tables"

// The bytes of a file; equal tables give equal bytes. Values must be finite, reflectances and
// albedos not negative, transmittances not above 1 by more than rounding (else Error{internal}).
std::string encode_tables(const Tables& tables);

// `name` stands for the file in messages. Throws Error{bad_input} with a hint to build the tables
// again, for anything that encode_tables of this version did not make.
Tables decode_tables(std::string_view bytes, const std::string& name);

// Throws Error{cannot_create, io_error}.
void write_table_file(const Tables& tables, const std::filesystem::path& path, fs::IfExists mode);

// Throws Error{missing_input, bad_input}.
Tables read_table_file(const std::filesystem::path& path);

// Tables from what --tables takes: a file of ours, a folder that holds table_file_name(sensor), an
// official folder (LDCMLUT, MSILUT), or the folder above it. Throws Error{missing_input} when
// nothing of that kind is there, Error{bad_input} for damaged ones and those of another sensor.
Tables load_tables(const std::filesystem::path& path, Sensor sensor);

}  // namespace hls::atmosphere
