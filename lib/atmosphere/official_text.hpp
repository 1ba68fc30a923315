// SPDX-License-Identifier: Apache-2.0
// The two text files among the official tables: transmittances, and aerosol properties
// (lasrc.md 1.3, 1.4). Per band a comment line, per pressure a comment line and free-format
// numbers.
#pragma once

#include <filesystem>
#include <string>

#include "atmosphere/tables.hpp"

namespace hls::atmosphere {

// Numbers in free format between lines that are only comments. Throws Error{missing_input} when the
// file cannot be read, Error{bad_input} with the line number for anything unexpected.
class TextTable {
 public:
    explicit TextTable(std::filesystem::path path);

    void skip_line();
    double number();
    // A number that must be `expected` within 1e-5: the value of an axis.
    void axis(double expected, const char* what);
    float number_in(double lowest, double highest, const char* what);
    [[noreturn]] void fail(const std::string& what) const;

 private:
    std::filesystem::path path_;
    std::string text_;
    std::size_t at_ = 0;
};

// The next band of the file. The transmittance at sun 84 is set to 0.
void read_transmittance(TextTable& text, BandTable& band);
void read_aerosol(TextTable& text, BandTable& band);

// Whole files, with as many digits as give the same float again.
std::string transmittance_text(const Tables& tables);
std::string aerosol_text(const Tables& tables);

}  // namespace hls::atmosphere
