/**
 * The four kinds of {@code portcullis.dev/v1alpha1}. Every field carries its description, range and default as
 * annotations: the CRDs under {@code crds/yaml}, the local validator and {@code kubectl explain} are all made from them.
 *
 * <p>A component that is not {@code @Nullable} is present in every <em>resolved</em> spec: the {@link
 * dev.portcullis.crd.resolve.Resolver} fills it from the preset of {@code mode} or from its default. Specs read straight
 * from the API server may lack it.
 */
@NullMarked
package dev.portcullis.crd.v1alpha1;

import org.jspecify.annotations.NullMarked;
