// SPDX-License-Identifier: Apache-2.0
#include "store/migration.hpp"

#include <fmt/format.h>

#include "core/error.hpp"

namespace hls::store {
namespace {

std::int64_t newest(const Schema& schema) {
    return static_cast<std::int64_t>(schema.steps.size());
}

bool is_empty(Connection& connection) {
    return connection.query_int("SELECT count(*) FROM sqlite_master") == 0;
}

void refuse_foreign_or_future(Connection& connection, const Schema& schema) {
    const std::string file = connection.path().string();
    if (connection.query_int("PRAGMA application_id") != schema.application_id)
        throw Error{Exit::bad_input, fmt::format("{}: is not an {}", file, schema.name)};
    const auto version = connection.query_int("PRAGMA user_version");
    if (version > newest(schema))
        throw Error{Exit::unavailable,
                    fmt::format("{}: has schema {}, this program knows up to {}", file, version,
                                newest(schema)),
                    "use the newer hls-tools that made it"};
}

}  // namespace

int migrate(Connection& connection, const Schema& schema) {
    Transaction transaction(connection);
    if (is_empty(connection))
        connection.execute(fmt::format("PRAGMA application_id={}", schema.application_id));
    else
        refuse_foreign_or_future(connection, schema);
    const auto version = connection.query_int("PRAGMA user_version");
    for (auto step = version; step < newest(schema); ++step)
        connection.execute(schema.steps[static_cast<std::size_t>(step)]);
    connection.execute(fmt::format("PRAGMA user_version={}", newest(schema)));
    transaction.commit();
    return static_cast<int>(newest(schema) - version);
}

void require_schema(Connection& connection, const Schema& schema) {
    refuse_foreign_or_future(connection, schema);
    if (const auto version = connection.query_int("PRAGMA user_version"); version < newest(schema))
        throw Error{Exit::unavailable,
                    fmt::format("{}: has schema {}, this program needs {}",
                                connection.path().string(), version, newest(schema)),
                    "bring it up to date first"};
}

std::string integrity_problem(Connection& connection) {
    const auto answer = connection.query_text("PRAGMA integrity_check(1)");
    if (answer != "ok") return answer;
    auto broken = connection.prepare("PRAGMA foreign_key_check");
    if (broken.step())
        return fmt::format("row {} of {} refers to a row of {} that is not there",
                           broken.integer(1), broken.text(0), broken.text(2));
    return {};
}

}  // namespace hls::store
