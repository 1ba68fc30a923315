// SPDX-License-Identifier: Apache-2.0
#include "proc/process_tree.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <vector>

namespace hls::proc {
namespace {

std::int64_t resident_bytes(pid_t process) {
    std::ifstream in(fmt::format("/proc/{}/statm", process));
    std::int64_t size = 0, resident = 0;
    in >> size >> resident;  // pages
    return resident * ::sysconf(_SC_PAGESIZE);
}

// Children are listed by the thread that started them.
void add_children(pid_t process, std::vector<pid_t>& found) {
    std::error_code error;
    const auto tasks = fmt::format("/proc/{}/task", process);
    for (const auto& task : std::filesystem::directory_iterator(tasks, error)) {
        std::ifstream in(task.path() / "children");
        for (pid_t child = 0; in >> child;) found.push_back(child);
    }
}

}  // namespace

std::int64_t resident_bytes_of_tree(pid_t root) {
    std::vector<pid_t> left{root};
    std::set<pid_t> seen;
    std::int64_t total = 0;
    while (!left.empty()) {
        const pid_t process = left.back();
        left.pop_back();
        if (!seen.insert(process).second) continue;
        total += resident_bytes(process);
        add_children(process, left);
    }
    return total;
}

}  // namespace hls::proc
