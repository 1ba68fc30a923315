// SPDX-License-Identifier: Apache-2.0
#include "atmosphere/table_store.hpp"

#include "core/data_dir.hpp"
#include "core/log.hpp"
#include "fs/file_lock.hpp"

namespace hls::atmosphere {

std::filesystem::path default_table_path(Sensor sensor) {
    return data_dir() / "tables" / table_file_name(sensor);
}

Tables obtain_tables(const std::string& choice, Sensor sensor, int threads,
                     const std::function<void(double)>& progress) {
    if (!choice.empty()) return load_tables(choice, sensor);
    const auto path = default_table_path(sensor);
    if (std::filesystem::exists(path)) return read_table_file(path);

    const fs::FileLock lock(path.parent_path() / ("." + path.filename().string() + ".lock"));
    if (!std::filesystem::exists(path)) {
        log_info("building {} once, this takes a few minutes", path.string());
        TableSettings settings;
        settings.sensor = sensor;
        write_table_file(build_tables(settings, threads, progress), path, fs::IfExists::replace);
    }
    // What was written, not what was built: the first run gives the bytes of all later ones.
    return read_table_file(path);
}

}  // namespace hls::atmosphere
