// SPDX-License-Identifier: Apache-2.0
#include "atmosphere/exact_csv.hpp"

#include <fmt/format.h>

#include <array>
#include <istream>

#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::atmosphere {
namespace {

constexpr std::string_view kHeader = "wavelength_um,aot550,pressure_hpa,sza_deg,vza_deg,raa_deg";

ExactQuery parse_row(std::string_view text, int line) {
    const auto fields = split(text, ',');
    std::array<double, 6> values{};
    bool good = fields.size() == values.size();
    for (std::size_t i = 0; good && i < values.size(); ++i) {
        const auto value = to_double(trim(fields[i]));
        good = value.has_value();
        if (good) values[i] = *value;
    }
    if (!good)
        throw Error{Exit::bad_input, fmt::format("line {}: not six numbers: '{}'", line, text)};
    return {values[0], values[1], values[2], values[3], values[4], values[5]};
}

}  // namespace

std::vector<ExactQuery> read_exact_queries(std::istream& csv) {
    std::string text;
    if (!std::getline(csv, text) || trim(text) != kHeader)
        throw Error{Exit::bad_input, "standard input does not begin with the header of a query",
                    fmt::format("the first line must be {}", kHeader)};
    std::vector<ExactQuery> queries;
    for (int line = 2; std::getline(csv, text); ++line)
        if (!trim(text).empty()) queries.push_back(parse_row(trim(text), line));
    return queries;
}

std::vector<std::string> exact_answer_lines(std::span<const ExactAnswer> answers) {
    std::vector<std::string> lines{"rho_path,t_down,t_up,spherical_albedo"};
    for (const ExactAnswer& answer : answers)
        lines.push_back(fmt::format("{:.7f},{:.7f},{:.7f},{:.7f}", answer.rho_path, answer.t_down,
                                    answer.t_up, answer.spherical_albedo));
    return lines;
}

}  // namespace hls::atmosphere
