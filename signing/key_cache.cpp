// SPDX-License-Identifier: GPL-3.0-or-later
#include "signing/key_cache.hpp"

#include <set>

namespace signing {

void KeyCache::add(const PublicKeys& keys) {
    constexpr std::size_t most = 256;  // a depot has a few providers
    const std::lock_guard lock(mutex_);
    if (keys_.size() >= most) keys_.clear();
    keys_.insert_or_assign(keys.armored, keys.keys);
}

std::optional<PublicKeys> KeyCache::find(std::span<const std::string> texts) const {
    const std::lock_guard lock(mutex_);
    PublicKeys found;
    std::set<std::string> parts;
    for (const std::string& text : texts) {
        const auto known = keys_.find(text);
        if (known == keys_.end()) return std::nullopt;
        for (const KeyDescription& key : known->second) {
            for (const KeyPart& part : key.parts) {
                if (!parts.insert(part.fingerprint).second) return std::nullopt;
            }
            found.keys.push_back(key);
        }
        found.armored += text;
    }
    return found;
}

}  // namespace signing
