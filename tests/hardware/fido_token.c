/*
 * A FIDO token without hardware, as a provider that OpenSSH's ssh-sk-helper loads (OpenSSH, PROTOCOL.u2f and sk-api.h,
 * version 10 of the interface). The private key is the key handle itself: for tests only.
 */
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define API_VERSION 0x000a0000
#define ED25519 0x01
#define UNSUPPORTED -2
#define GENERAL -1
#define PRESENT 0x01

struct sk_enroll_response {
    uint8_t flags;
    uint8_t *public_key;
    size_t public_key_len;
    uint8_t *key_handle;
    size_t key_handle_len;
    uint8_t *signature;
    size_t signature_len;
    uint8_t *attestation_cert;
    size_t attestation_cert_len;
    uint8_t *authdata;
    size_t authdata_len;
};

struct sk_sign_response {
    uint8_t flags;
    uint32_t counter;
    uint8_t *sig_r;
    size_t sig_r_len;
    uint8_t *sig_s;
    size_t sig_s_len;
};

struct sk_option;
struct sk_resident_key;

uint32_t sk_api_version(void) { return API_VERSION; }

int sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len, const char *application, uint8_t flags,
              const char *pin, struct sk_option **options, struct sk_enroll_response **answer) {
    struct sk_enroll_response *made = calloc(1, sizeof *made);
    EVP_PKEY *key = NULL;
    (void)challenge, (void)challenge_len, (void)application, (void)pin, (void)options;
    if (alg != ED25519) return UNSUPPORTED;
    if (made == NULL || (key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")) == NULL) return GENERAL;
    made->flags = flags;
    made->public_key_len = made->key_handle_len = 32;
    made->signature_len = 64;
    made->public_key = calloc(1, 32);
    made->key_handle = calloc(1, 32);
    made->signature = calloc(1, 64);
    if (EVP_PKEY_get_raw_public_key(key, made->public_key, &made->public_key_len) != 1) return GENERAL;
    if (EVP_PKEY_get_raw_private_key(key, made->key_handle, &made->key_handle_len) != 1) return GENERAL;
    EVP_PKEY_free(key);
    *answer = made;
    return 0;
}

int sk_sign(uint32_t alg, const uint8_t *data, size_t data_len, const char *application, const uint8_t *key_handle,
            size_t key_handle_len, uint8_t flags, const char *pin, struct sk_option **options,
            struct sk_sign_response **answer) {
    struct sk_sign_response *made = calloc(1, sizeof *made);
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key_handle, key_handle_len);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t message[32 + 1 + 4 + 32];
    /* Who wants a token that nobody touched names it so. */
    int touched = getenv("UNTOUCHED_TOKEN") == NULL;
    (void)pin, (void)options;
    if (alg != ED25519) return UNSUPPORTED;
    if (made == NULL || key == NULL || context == NULL) return GENERAL;
    made->flags = touched ? flags & PRESENT : 0;
    made->counter = 0x01020304;
    SHA256((const uint8_t *)application, strlen(application), message);
    message[32] = made->flags;
    memcpy(message + 33, "\x01\x02\x03\x04", 4);
    SHA256(data, data_len, message + 37);
    made->sig_r_len = 64;
    made->sig_r = calloc(1, 64);
    if (EVP_DigestSignInit(context, NULL, NULL, NULL, key) != 1) return GENERAL;
    if (EVP_DigestSign(context, made->sig_r, &made->sig_r_len, message, sizeof message) != 1) return GENERAL;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    *answer = made;
    return 0;
}

int sk_load_resident_keys(const char *pin, struct sk_option **options, struct sk_resident_key ***keys, size_t *number) {
    (void)pin, (void)options, (void)keys, (void)number;
    return UNSUPPORTED;
}
