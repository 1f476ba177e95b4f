// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends/yum/file_digest.hpp"

#include <array>
#include <fmt/format.h>
#include <new>
#include <openssl/evp.h>

#include "core/model/error.hpp"
#include "core/model/reason.hpp"
#include "core/model/text.hpp"

namespace yum {
namespace {

const EVP_MD* openpgp_hash(std::uint32_t algorithm) {
    switch (algorithm) {
        case 1:
            return EVP_md5();
        case 2:
            return EVP_sha1();
        case 8:
            return EVP_sha256();
        case 9:
            return EVP_sha384();
        case 10:
            return EVP_sha512();
        case 11:
            return EVP_sha224();
        default:
            throw core::Refused(
                core::reason::package_unsupported,
                fmt::format("the digests of its files are of the kind {}, which is not read",
                            algorithm),
                "build the package with SHA-256 digests");
    }
}

}  // namespace

void FileDigest::Free::operator()(evp_md_ctx_st* context) const {
    EVP_MD_CTX_free(context);
}

FileDigest::FileDigest(std::uint32_t algorithm)
    : algorithm_(algorithm), context_(EVP_MD_CTX_new()) {
    if (!context_) throw std::bad_alloc();
    begin();
}

void FileDigest::prepare() {
    for (const std::uint32_t algorithm : {1u, 2u, 8u, 9u, 10u, 11u}) FileDigest(algorithm).finish();
}

void FileDigest::begin() {
    if (EVP_DigestInit_ex(context_.get(), openpgp_hash(algorithm_), nullptr) != 1) {
        throw core::Error("libcrypto cannot compute the digests of a package's files");
    }
}

void FileDigest::update(std::string_view bytes) {
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
}

std::string FileDigest::finish() {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    EVP_DigestFinal_ex(context_.get(), bytes.data(), &size);
    begin();
    std::string digits;
    for (unsigned i = 0; i < size; ++i) digits += fmt::format("{:02x}", bytes[i]);
    return digits;
}

bool FileDigest::same(std::string_view given, std::string_view found, std::uint64_t size) {
    if (core::lower(given) == found) return true;
    constexpr std::size_t md5_digits = 32;
    return size == 0 && found.size() == md5_digits &&
           given.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace yum
