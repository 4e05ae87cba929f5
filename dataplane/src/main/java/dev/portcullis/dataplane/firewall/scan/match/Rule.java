package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.view.ByteClasses;
import java.util.List;

/**
 * One class of what is looked for. Immutable.
 *
 * @param name as policies, findings and metrics name it
 * @param core true where no policy can switch it off
 * @param literals one of these is in every match; empty for rules that {@code trigger} finds without one
 * @param folded true where literals match in any case
 * @param trigger decides whether there is a match at a place
 * @param encoding how the match is wrapped when the rule itself describes the wrapped form, else an empty string
 */
public record Rule(
        String name,
        Severity severity,
        boolean core,
        List<byte[]> literals,
        boolean folded,
        Trigger trigger,
        String encoding) {
    public Rule {
        literals = List.copyOf(literals);
    }

    /** The same with another severity. */
    public Rule with(Severity other) {
        return new Rule(name, other, core, literals, folded, trigger, encoding);
    }

    /** How a rule is decided. */
    public sealed interface Trigger permits AnchoredPattern, ExactValue, UserPattern, Finder, Walk {}

    /**
     * Finds matches by a walk of its own, for what has neither a literal nor a regular expression. Called for every
     * reading of the text; costs a pass each, so it is quick where there is nothing. Any thread.
     */
    @FunctionalInterface
    public non-sealed interface Walk extends Trigger {
        /**
         * Reports the matches that start in {@code text[from, to)}; may look at anything in {@code [0, length)}.
         *
         * @throws WorkBudget.Exhausted from {@link Found#pay}
         */
        void walk(byte[] text, int from, int to, int length, Found found);

        /**
         * The same where {@code classes} are those of {@code text} from {@code from} to {@code to} and a little further; many walks
         * need none.
         */
        default void walk(byte[] text, int from, int to, int length, ByteClasses classes, Found found) {
            walk(text, from, to, length, found);
        }

        /**
         * False where surely nothing more than {@link SecondReading#NEAR} bytes long is found around {@code text[at, behind)},
         * which reads otherwise than it stands.
         */
        default boolean near(byte[] text, int at, int behind, int length) {
            return true;
        }

        /** Bytes of the shortest match, what parts its words aside; shorter texts are not walked over. */
        default int shortest() {
            return 1;
        }
    }

    /** Told of what a {@link Walk} finds and costs. */
    public interface Found {
        /** A match at {@code [start, end)}. */
        void at(int start, int end);

        /** Pays for work beyond one look at each byte, in units of about one byte looked at. */
        void pay(long units);
    }

    /** Rules that a hand-written walk finds, because they have no literal. */
    public enum Finder implements Trigger {
        CARD_NUMBER,
        SOCIAL_SECURITY_NUMBER,
        IBAN,
        FACEBOOK_APP_TOKEN,
        WIF,
        DISCORD_TOKEN,
        ETHEREUM_KEY,
        TWILIO_KEY
    }
}
