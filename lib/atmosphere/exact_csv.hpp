// SPDX-License-Identifier: Apache-2.0
// Exact answers in CSV, for people who check the solver (hls-lasrc tables --query).
#pragma once

#include <iosfwd>
#include <span>
#include <string>
#include <vector>

#include "atmosphere/exact.hpp"

namespace hls::atmosphere {

// Header wavelength_um,aot550,pressure_hpa,sza_deg,vza_deg,raa_deg, then one row per case; empty
// lines are passed over. Throws Error{bad_input} naming the line.
std::vector<ExactQuery> read_exact_queries(std::istream& csv);

// Header rho_path,t_down,t_up,spherical_albedo, then one line per answer, 7 decimals.
std::vector<std::string> exact_answer_lines(std::span<const ExactAnswer> answers);

}  // namespace hls::atmosphere
