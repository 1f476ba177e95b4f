// SPDX-License-Identifier: GPL-3.0-or-later
// The tags of RPM headers that sluice itself looks at, by their published numbers
// (https://rpm-software-management.github.io/rpm/manual/tags.html). Kept here so that the checks
// that run before librpm do not depend on it.
#pragma once

#include <cstdint>

namespace yum::tag {

// Signature header
inline constexpr std::uint32_t dsa_header = 267;
inline constexpr std::uint32_t rsa_header = 268;
inline constexpr std::uint32_t long_file_size = 270;
inline constexpr std::uint32_t long_archive_size = 271;
inline constexpr std::uint32_t sha256_header = 273;
inline constexpr std::uint32_t file_size = 1000;  // main header and payload
inline constexpr std::uint32_t payload_size = 1007;

// Main header
inline constexpr std::uint32_t region = 63;
inline constexpr std::uint32_t name = 1000;
inline constexpr std::uint32_t version = 1001;
inline constexpr std::uint32_t release = 1002;
inline constexpr std::uint32_t epoch = 1003;
inline constexpr std::uint32_t summary = 1004;
inline constexpr std::uint32_t description = 1005;
inline constexpr std::uint32_t build_time = 1006;
inline constexpr std::uint32_t build_host = 1007;
inline constexpr std::uint32_t size = 1009;
inline constexpr std::uint32_t vendor = 1011;
inline constexpr std::uint32_t license = 1014;
inline constexpr std::uint32_t packager = 1015;
inline constexpr std::uint32_t group = 1016;
inline constexpr std::uint32_t url = 1020;
inline constexpr std::uint32_t os = 1021;
inline constexpr std::uint32_t arch = 1022;
inline constexpr std::uint32_t old_file_names = 1027;
inline constexpr std::uint32_t file_sizes = 1028;
inline constexpr std::uint32_t file_modes = 1030;
inline constexpr std::uint32_t file_times = 1034;
inline constexpr std::uint32_t file_digests = 1035;
inline constexpr std::uint32_t file_link_targets = 1036;
inline constexpr std::uint32_t file_flags = 1037;
inline constexpr std::uint32_t file_users = 1039;
inline constexpr std::uint32_t file_groups = 1040;
inline constexpr std::uint32_t source_rpm = 1044;
inline constexpr std::uint32_t archive_size = 1046;
inline constexpr std::uint32_t provide_name = 1047;
inline constexpr std::uint32_t require_flags = 1048;
inline constexpr std::uint32_t require_name = 1049;
inline constexpr std::uint32_t require_version = 1050;
inline constexpr std::uint32_t conflict_flags = 1053;
inline constexpr std::uint32_t conflict_name = 1054;
inline constexpr std::uint32_t conflict_version = 1055;
inline constexpr std::uint32_t changelog_time = 1080;
inline constexpr std::uint32_t changelog_name = 1081;
inline constexpr std::uint32_t changelog_text = 1082;
inline constexpr std::uint32_t obsolete_name = 1090;
inline constexpr std::uint32_t file_devices = 1095;
inline constexpr std::uint32_t file_inodes = 1096;
inline constexpr std::uint32_t source_package = 1106;
inline constexpr std::uint32_t provide_flags = 1112;
inline constexpr std::uint32_t provide_version = 1113;
inline constexpr std::uint32_t obsolete_flags = 1114;
inline constexpr std::uint32_t obsolete_version = 1115;
inline constexpr std::uint32_t dir_indexes = 1116;
inline constexpr std::uint32_t base_names = 1117;
inline constexpr std::uint32_t dir_names = 1118;
inline constexpr std::uint32_t payload_format = 1124;
inline constexpr std::uint32_t payload_compressor = 1125;
inline constexpr std::uint32_t old_suggests_name = 1156;
inline constexpr std::uint32_t old_suggests_version = 1157;
inline constexpr std::uint32_t old_suggests_flags = 1158;
inline constexpr std::uint32_t old_enhances_name = 1159;
inline constexpr std::uint32_t old_enhances_version = 1160;
inline constexpr std::uint32_t old_enhances_flags = 1161;
inline constexpr std::uint32_t long_file_sizes = 5008;
inline constexpr std::uint32_t long_size = 5009;
inline constexpr std::uint32_t file_capabilities = 5010;
inline constexpr std::uint32_t file_digest_algorithm = 5011;
inline constexpr std::uint32_t recommend_name = 5046;
inline constexpr std::uint32_t recommend_version = 5047;
inline constexpr std::uint32_t recommend_flags = 5048;
inline constexpr std::uint32_t suggest_name = 5049;
inline constexpr std::uint32_t suggest_version = 5050;
inline constexpr std::uint32_t suggest_flags = 5051;
inline constexpr std::uint32_t supplement_name = 5052;
inline constexpr std::uint32_t supplement_version = 5053;
inline constexpr std::uint32_t supplement_flags = 5054;
inline constexpr std::uint32_t enhance_name = 5055;
inline constexpr std::uint32_t enhance_version = 5056;
inline constexpr std::uint32_t enhance_flags = 5057;
inline constexpr std::uint32_t payload_digest = 5092;
inline constexpr std::uint32_t payload_digest_algorithm = 5093;

}  // namespace yum::tag
