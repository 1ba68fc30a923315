// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"

#include <unistd.h>

#include <array>
#include <utility>

#include "core/escape.hpp"
#include "core/time.hpp"

namespace hls {
namespace {

LogSettings g_settings;

struct LevelStyle {
    std::string_view name;
    std::string_view color;
};
constexpr std::array kStyles{LevelStyle{"error", "\x1b[31m"}, LevelStyle{"warning", "\x1b[33m"},
                             LevelStyle{"info", "\x1b[36m"}, LevelStyle{"debug", "\x1b[2m"}};

std::string json_line(std::string_view level, std::string_view message) {
    return fmt::format(R"({{"time":"{}","level":"{}","tool":"{}","message":"{}"}})"
                       "\n",
                       format_utc(utc_now(), 3), level, json_escape(g_settings.program),
                       json_escape(message));
}

}  // namespace

void configure_log(LogSettings settings) {
    g_settings = std::move(settings);
}

const LogSettings& log_settings() noexcept {
    return g_settings;
}

void log_line(LogLevel level, std::string_view message) {
    if (level > g_settings.level) return;
    const auto& style = kStyles[static_cast<std::size_t>(level)];
    std::string line;
    if (g_settings.format == LogFormat::json) {
        line = json_line(style.name, message);
    } else if (g_settings.color) {
        line = fmt::format("{}: {}{}:\x1b[0m {}\n", g_settings.program, style.color, style.name,
                           message);
    } else {
        line = fmt::format("{}: {}: {}\n", g_settings.program, style.name, message);
    }
    // A closed stderr is nothing a tool could report anywhere.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace hls
