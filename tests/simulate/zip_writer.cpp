// SPDX-License-Identifier: Apache-2.0
#include "simulate/zip_writer.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <fstream>
#include <memory>
#include <set>
#include <vector>

#include "core/error.hpp"

namespace hls::simulate {
namespace {

struct Free {
    void operator()(archive* a) const { archive_write_free(a); }
    void operator()(archive_entry* e) const { archive_entry_free(e); }
};

void check(archive* a, int code, const std::filesystem::path& zip) {
    if (code != ARCHIVE_OK)
        throw Error{Exit::io_error,
                    fmt::format("cannot write {}: {}", zip.string(), archive_error_string(a))};
}

}  // namespace

void write_zip(const std::filesystem::path& folder, const std::filesystem::path& zip) {
    constexpr std::size_t kPiece = 1 << 20;
    std::set<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) files.insert(entry.path());

    const std::unique_ptr<archive, Free> out(archive_write_new());
    archive_write_set_format_zip(out.get());
    archive_write_zip_set_compression_store(out.get());
    check(out.get(), archive_write_open_filename(out.get(), zip.c_str()), zip);
    std::vector<char> piece(kPiece);
    for (const auto& path : files) {
        const std::unique_ptr<archive_entry, Free> entry(archive_entry_new());
        archive_entry_set_pathname(entry.get(),
                                   std::filesystem::relative(path, folder.parent_path()).c_str());
        archive_entry_set_size(entry.get(),
                               static_cast<la_int64_t>(std::filesystem::file_size(path)));
        archive_entry_set_filetype(entry.get(), AE_IFREG);
        archive_entry_set_perm(entry.get(), 0644);
        archive_entry_set_mtime(entry.get(), 315619200, 0);  // 1980, where zip's times begin
        check(out.get(), archive_write_header(out.get(), entry.get()), zip);
        std::ifstream file(path, std::ios::binary);
        while (file) {
            file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
            const auto count = static_cast<std::size_t>(file.gcount());
            if (count > 0 && archive_write_data(out.get(), piece.data(), count) < 0)
                check(out.get(), ARCHIVE_FATAL, zip);
        }
    }
    check(out.get(), archive_write_close(out.get()), zip);
}

}  // namespace hls::simulate
