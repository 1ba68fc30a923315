// SPDX-License-Identifier: Apache-2.0
#include "fetch/get_all.hpp"

#include <istream>
#include <mutex>

#include "core/parallel.hpp"
#include "fetch/granule_input.hpp"
#include "fetch/worst_exit.hpp"

namespace hls::fetch {

Exit get_all(Getter& getter, const GetRequest& request, std::istream& stream,
             const std::function<void(const std::string& line, const std::string& problem)>& tell) {
    std::mutex mutex;
    Exit worst = Exit::ok;
    const auto note = [&](const std::string& line, Exit exit, const std::string& problem) {
        const std::lock_guard lock(mutex);
        tell(line, problem);
        worst = worse(worst, exit);
    };
    GranuleInput input(request.words, stream, request.rules, [&](const Reject& reject) {
        const bool filtered = reject.why.starts_with("filtered:");
        note(to_json(reject), filtered ? Exit::not_accepted : Exit::bad_input, "");
    });
    parallel_for(static_cast<std::size_t>(request.jobs), request.jobs, [&](std::size_t) {
        while (auto record = input.next()) {
            const auto result = getter.get(std::move(*record));
            note(to_json(result), result.exit, result.exit == Exit::ok ? "" : result.message);
        }
    });
    return worst;
}

}  // namespace hls::fetch
