// SPDX-License-Identifier: Apache-2.0
// Lines for people on stderr, as text or as JSON objects. stdout is never touched.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace hls {

enum class LogLevel { error, warning, info, debug };
enum class LogFormat { text, json };

struct LogSettings {
    LogLevel level = LogLevel::warning;
    LogFormat format = LogFormat::text;
    bool color = false;
    std::string program = "hls";
};

// Replaces the process-wide settings; call it before threads start.
void configure_log(LogSettings settings);
const LogSettings& log_settings() noexcept;

// Writes one line with a single write(2), so that lines of many processes do not mix.
void log_line(LogLevel level, std::string_view message);

template <typename... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
    log_line(LogLevel::warning, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
    if (log_settings().level >= LogLevel::info)
        log_line(LogLevel::info, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
    if (log_settings().level >= LogLevel::debug)
        log_line(LogLevel::debug, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace hls
