// SPDX-License-Identifier: Apache-2.0
#include "atmosphere/table_store.hpp"

#include <algorithm>

#include "atmosphere/official_tables.hpp"
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

std::filesystem::path TableOrder::target() const {
    if (!official.empty()) return official;
    return file.empty() ? default_table_path(settings.sensor) : file;
}

std::vector<std::filesystem::path> fulfil(const TableOrder& order, int threads,
                                          const std::function<void(double)>& progress) {
    const auto mode = order.overwrite ? fs::IfExists::replace : fs::IfExists::refuse;
    const auto target = order.target();
    fs::check_output(target, mode);
    const Tables tables = build_tables(order.settings, threads, progress);
    if (order.official.empty()) {
        write_table_file(tables, target, mode);
        return {target};
    }
    fs::AtomicDirectory folder(target, mode);
    write_official_tables(tables, folder.temporary());
    folder.commit();
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(target))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace hls::atmosphere
