// SPDX-License-Identifier: Apache-2.0
// One pass over the text with the state of the current field.
#include "chip/csv.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/error.hpp"

namespace hls::chip {

std::vector<CsvRow> parse_csv(std::string_view text, const std::string& source) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    std::vector<CsvRow> rows;
    CsvRow row{1, {}};
    std::string field;
    bool quoted = false;
    int line = 1, opened = 0;
    const auto end_field = [&] { row.fields.push_back(std::exchange(field, {})); };
    const auto end_row = [&] {
        end_field();
        if (row.fields.size() > 1 || !row.fields[0].empty()) rows.push_back(std::move(row));
        row = {line, {}};
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\n') ++line;
        if (quoted) {
            if (c != '"')
                field += c;
            else if (i + 1 < text.size() && text[i + 1] == '"')
                field += text[++i];
            else
                quoted = false;
        } else if (c == '"' && field.empty()) {
            quoted = true;
            opened = line;
        } else if (c == ',') {
            end_field();
        } else if (c == '\n') {
            end_row();
        } else if (c != '\r') {
            field += c;
        }
    }
    if (quoted)
        throw Error(Exit::bad_input,
                    fmt::format("{}: the quote of line {} is not closed", source, opened));
    end_row();
    return rows;
}

}  // namespace hls::chip
