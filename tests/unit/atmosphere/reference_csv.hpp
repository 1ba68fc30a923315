// SPDX-License-Identifier: Apache-2.0
// Reads the 6SV reference numbers beside the test data; they are never part of the repository.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/parse.hpp"

namespace hls::atmosphere {

struct CsvRow {
    const std::map<std::string, std::size_t, std::less<>>* columns;
    std::vector<std::string> cells;

    const std::string& text(std::string_view name) const {
        return cells.at(columns->find(name)->second);
    }
    bool has(std::string_view name) const { return columns->contains(name); }
    double number(std::string_view name) const { return to_double(trim(text(name))).value(); }
};

class ReferenceCsv {
 public:
    // nullopt when the reference folder is not there.
    static std::optional<ReferenceCsv> open(const std::string& name) {
        const char* data = std::getenv("HLS_TEST_DATA");
        const std::filesystem::path root = data != nullptr ? data : "../shared/data";
        std::ifstream file(root.parent_path() / "reference" / name);
        if (!file) return std::nullopt;
        ReferenceCsv csv;
        std::string line;
        std::getline(file, line);
        for (const auto cell : split(line, ','))
            csv.columns_->emplace(std::string(cell), csv.columns_->size());
        while (std::getline(file, line)) {
            CsvRow row{csv.columns_.get(), {}};
            for (const auto cell : split(line, ',')) row.cells.emplace_back(cell);
            csv.rows_.push_back(std::move(row));
        }
        return csv;
    }
    const std::vector<CsvRow>& rows() const { return rows_; }

 private:
    std::shared_ptr<std::map<std::string, std::size_t, std::less<>>> columns_ =
        std::make_shared<std::map<std::string, std::size_t, std::less<>>>();
    std::vector<CsvRow> rows_;
};

}  // namespace hls::atmosphere
