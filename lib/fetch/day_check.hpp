// SPDX-License-Identifier: Apache-2.0
// Looks through the files of an ancillary store, whatever it is that reads them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "fetch/day_record.hpp"

namespace hls::fetch {

// The cells of a day file that could be read.
struct DayContent {
    std::int64_t unknown = 0;
    double unknown_percent = 0;
    std::string problem;  // why it will not do nevertheless; empty if it will
};

class StoreCheck {
 public:
    // `tell` gets what was found of each file.
    StoreCheck(DayStore& store, std::function<void(const FileFinding&)> tell)
        : store_(store), tell_(std::move(tell)) {}

    // A file that is no day's. `read` throws Error{bad_input} for one that is damaged.
    void check_file(const std::string& name,
                    const std::function<void(const std::filesystem::path&)>& read);

    // A day file by its name in its folder: its digest is the published one, and it has what a day
    // needs. `read` throws Error{bad_input} for one that is damaged. With `adopt` a good file
    // without record gets one.
    using ReadDay = std::function<DayContent(const std::filesystem::path&)>;
    void check_day(const std::string& file, bool adopt, const ReadDay& read);

    // check_day() of all days, or of `wanted` if there are any.
    void check_days(const std::vector<Date>& wanted, bool adopt, const ReadDay& read);

    // Throws Error{bad_input} if a file was bad, Error{missing_input} if one, or every day, was not
    // there: a damaged file does more harm than an absent one.
    void finish() const;

 private:
    template <typename Check>
    void look(const std::string& name, const Check& check);

    DayStore& store_;
    std::function<void(const FileFinding&)> tell_;
    std::size_t bad_ = 0, absent_ = 0, days_ = 0;
};

}  // namespace hls::fetch
