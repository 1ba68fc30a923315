// SPDX-License-Identifier: Apache-2.0
#include "store/network_file_system.hpp"

#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <system_error>

namespace hls::store {
namespace {

struct Name {
    long type;
    std::string_view name;
};

// Magic numbers of linux/magic.h and of the vendors. FUSE is listed since it is how S3, SSH and
// cloud disks are mounted.
constexpr std::array kNames{
    Name{0x6969, "NFS"},          Name{0x517b, "SMB"},        Name{0xff534d42, "CIFS"},
    Name{0xfe534d42, "SMB"},      Name{0x0bd00bd0, "Lustre"}, Name{0x47504653, "GPFS"},
    Name{0x65735546, "FUSE"},     Name{0x5346414f, "AFS"},    Name{0x00c36400, "Ceph"},
    Name{0x01021997, "9P"},       Name{0x19830326, "BeeGFS"}, Name{0xaad7aaea, "PanFS"},
    Name{0x20030528, "OrangeFS"}, Name{0x73757245, "Coda"},   Name{0x7461636f, "OCFS2"},
    Name{0x01161970, "GFS2"},
};

}  // namespace

std::string_view network_file_system_name(long type) noexcept {
    const auto* found = std::ranges::find(kNames, type & 0xffffffff, &Name::type);
    return found == kNames.end() ? std::string_view{} : found->name;
}

std::string_view network_file_system_of(const std::filesystem::path& path) noexcept {
    struct statfs info {};
    if (statfs(path.c_str(), &info) == 0) return network_file_system_name(info.f_type);
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    if (statfs(folder.c_str(), &info) == 0) return network_file_system_name(info.f_type);
    return {};
}

}  // namespace hls::store
