package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** Protection of crypto currency addresses against look-alikes. */
public record AddressesSpec(
        @Default("false") @JsonPropertyDescription("Judge crypto currency addresses in what leaves. Default false.")
        boolean enabled,

        @Default("[\"eth\", \"btc\", \"sol\", \"bnb\"]")
        @Size(max = 4)
        @JsonPropertyDescription("Chains that are looked at; one without known addresses has no findings. Default all.")
        List<CurrencyChain> chains,

        @Default("[]") @Size(max = 1000) @JsonPropertyDescription("The addresses agents may send to.")
        List<KnownAddress> known,

        @Default("Block")
        @JsonPropertyDescription(
                "Block, Warn or Allow an address that looks like a known one and is another. Default Block.")
        OnAddress onLookalike,

        @Default("Allow")
        @JsonPropertyDescription("Block, Warn or Allow a valid address that is not known. Default Allow.")
        OnAddress onUnknown) {

    /** A chain whose addresses are known. */
    public enum CurrencyChain {
        eth,
        btc,
        sol,
        bnb
    }

    /** What is done about an address. */
    public enum OnAddress {
        Block,
        Warn,
        Allow
    }

    /** An address that agents may send to. */
    @ValidationRule(
            value =
                    "self.chain == 'eth' ? self.address.matches('^0x[0-9a-fA-F]{40}$') : self.chain == 'btc' ? self.address.matches('^([13][1-9A-HJ-NP-Za-km-z]{24,34}|(bc|BC)1[0-9A-Za-z]{11,87})$') : self.chain == 'sol' ? self.address.matches('^[1-9A-HJ-NP-Za-km-z]{32,44}$') : self.address.matches('^(bnb1[0-9a-z]{38}|0x[0-9a-fA-F]{40})$')",
            message =
                    "the address is none of its chain: write eth 0x and 40 hex digits, btc base58 or bc1, sol base58, bnb bnb1 or 0x")
    public record KnownAddress(
            @Required @JsonPropertyDescription("eth, btc, sol or bnb.")
            CurrencyChain chain,

            @Required @Size(min = 20, max = 90) @JsonPropertyDescription("The address; its checksum is checked.")
            String address) {}
}
