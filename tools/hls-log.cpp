// SPDX-License-Identifier: Apache-2.0
// hls-log: the job log. Records what is to be done and what was done, and answers for it.
#include "hls-log.hpp"

#include "store/connection.hpp"

int main(int argc, char** argv) {
    hls::cli::Program program("hls-log", "The job log: record, ask, report");
    hls::tools::LogCommands shared;
    hls::tools::declare_init(program, shared);
    hls::tools::declare_add(program, shared);
    hls::tools::declare_record(program, shared);
    hls::tools::declare_questions(program, shared);
    hls::tools::declare_audit(program, shared);
    hls::tools::declare_figures(program, shared);
    hls::tools::declare_pages(program, shared);
    program.on_version([] {
        return hls::cli::LibraryVersions{{"SQLite", hls::store::sqlite_version()}};
    });
    return program.run(argc, argv);
}
