package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.HttpConnectProxiedSocketAddress;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** gRPC through interception: a real client and a real server, HTTP/2 on both sides of the firewall. */
@Timeout(120)
class GrpcTest {
    private static final MethodDescriptor.Marshaller<String> TEXT = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(String value) {
            return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String parse(InputStream stream) {
            try {
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };
    private static final Metadata.Key<String> SENT = Metadata.Key.of("x-sent", Metadata.ASCII_STRING_MARSHALLER);
    private static final MethodDescriptor<String, String> UNARY = method("Unary", MethodType.UNARY);
    private static final MethodDescriptor<String, String> LIST = method("List", MethodType.SERVER_STREAMING);
    private static final MethodDescriptor<String, String> CHAT = method("Chat", MethodType.BIDI_STREAMING);
    private static final MethodDescriptor<String, String> MISSING = method("Missing", MethodType.UNARY);

    private final Queue<String> received = new ConcurrentLinkedQueue<>();
    private final AtomicInteger connections = new AtomicInteger();
    private Server server;
    private TestFirewall firewall;
    private ManagedChannel channel;

    private static MethodDescriptor<String, String> method(String name, MethodType type) {
        return MethodDescriptor.<String, String>newBuilder()
                .setType(type)
                .setFullMethodName("test.Talk/" + name)
                .setRequestMarshaller(TEXT)
                .setResponseMarshaller(TEXT)
                .build();
    }

    @BeforeEach
    void start() throws IOException {
        var service = ServerServiceDefinition.builder("test.Talk")
                .addMethod(UNARY, ServerCalls.asyncUnaryCall((request, reply) -> {
                    received.add(request);
                    if (request.equals("fail")) {
                        reply.onError(Status.FAILED_PRECONDITION
                                .withDescription("not now")
                                .asRuntimeException());
                        return;
                    }
                    reply.onNext(request.equals("inject") ? MarkerScans.INJECTION : "got " + request.length());
                    reply.onCompleted();
                }))
                .addMethod(LIST, ServerCalls.asyncServerStreamingCall((request, reply) -> {
                    for (var i = 0; i < Integer.parseInt(request); i++) {
                        reply.onNext("item " + i);
                    }
                    reply.onCompleted();
                }))
                .addMethod(CHAT, ServerCalls.asyncBidiStreamingCall(reply -> new StreamObserver<>() {
                    @Override
                    public void onNext(String message) {
                        received.add(message);
                        reply.onNext("echo " + message);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        received.add("error");
                    }

                    @Override
                    public void onCompleted() {
                        reply.onCompleted();
                    }
                }))
                .build();
        server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .useTransportSecurity(
                        stream(TestCertificates.originPem("origin.test")), stream(TestCertificates.originKeyPem()))
                .addService(ServerInterceptors.intercept(service, new Trailers()))
                .addTransportFilter(new ServerTransportFilter() {
                    @Override
                    public Attributes transportReady(Attributes attributes) {
                        connections.incrementAndGet();
                        return attributes;
                    }
                })
                .build()
                .start();
        firewall = TestFirewall.with(Intercepted.policy(server.getPort(), "")
                .replaceFirst("\\{", "{\"injection\": {\"action\": \"Block\"}, "));
        channel = NettyChannelBuilder.forAddress("origin.test", server.getPort())
                .proxyDetector(target -> HttpConnectProxiedSocketAddress.newBuilder()
                        .setTargetAddress((InetSocketAddress) target)
                        .setProxyAddress(new InetSocketAddress("127.0.0.1", firewall.port()))
                        .build())
                .sslContext(GrpcSslContexts.forClient()
                        .trustManager(stream(TestCertificates.POLICY.certificatePem()))
                        .build())
                .build();
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Sends a field behind each reply. */
    private static final class Trailers implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            return next.startCall(
                    new io.grpc.ForwardingServerCall.SimpleForwardingServerCall<>(call) {
                        @Override
                        public void close(Status status, Metadata trailers) {
                            trailers.put(SENT, "behind");
                            super.close(status, trailers);
                        }
                    },
                    headers);
        }
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        firewall.close();
        server.shutdownNow();
    }

    private String unary(String message) {
        return ClientCalls.blockingUnaryCall(channel, UNARY, CallOptions.DEFAULT, message);
    }

    private static Status.Code code(Runnable call) {
        try {
            call.run();
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    @Test
    void unaryAndStreamedCallsPassOverOneConnectionToTheOrigin() {
        assertThat(unary("hello")).isEqualTo("got 5");
        assertThat(unary("x".repeat(1_000_000))).isEqualTo("got 1000000");
        assertThat(ClientCalls.blockingServerStreamingCall(channel, LIST, CallOptions.DEFAULT, "5000"))
                .toIterable()
                .hasSize(5000)
                .startsWith("item 0")
                .endsWith("item 4999");
        for (var i = 0; i < 50; i++) {
            assertThat(unary("n")).isEqualTo("got 1");
        }
        assertThat(connections).hasValue(1);
        assertThat(firewall.metric("portcullis_intercepted_requests_total{result=\"allowed\"}"))
                .isEqualTo(53);
    }

    @Test
    void statusesOfTheOriginArriveWithTheirTrailers() {
        assertThatThrownBy(() -> unary("fail")).isInstanceOfSatisfying(StatusRuntimeException.class, failure -> {
            assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
            assertThat(failure.getStatus().getDescription()).isEqualTo("not now");
            assertThat(failure.getTrailers()).isNotNull();
            assertThat(failure.getTrailers().get(SENT)).isEqualTo("behind");
        });
        assertThat(code(() -> ClientCalls.blockingUnaryCall(channel, MISSING, CallOptions.DEFAULT, "x")))
                .isEqualTo(Status.Code.UNIMPLEMENTED);
    }

    private static final class Answers implements StreamObserver<String> {
        final BlockingQueue<String> messages = new ArrayBlockingQueue<>(100);

        @Override
        public void onNext(String message) {
            messages.add(message);
        }

        @Override
        public void onError(Throwable failure) {
            messages.add("error " + Status.fromThrowable(failure).getCode());
        }

        @Override
        public void onCompleted() {
            messages.add("end");
        }

        String next() throws InterruptedException {
            return messages.poll(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void eachMessageOfACallThatStreamsBothWaysPassesBeforeTheNextIsSent() throws Exception {
        var answers = new Answers();
        var chat = ClientCalls.asyncBidiStreamingCall(channel.newCall(CHAT, CallOptions.DEFAULT), answers);
        for (var i = 0; i < 20; i++) {
            chat.onNext("m" + i);
            assertThat(answers.next()).isEqualTo("echo m" + i);
        }
        chat.onCompleted();
        assertThat(answers.next()).isEqualTo("end");
    }

    @Test
    void aSecretInAMessageNeverReachesTheOriginPlainOrCompressed() {
        assertThat(code(() -> unary("a " + MarkerScans.SECRET))).isEqualTo(Status.Code.PERMISSION_DENIED);
        var compressed = CallOptions.DEFAULT.withCompression("gzip");
        assertThat(ClientCalls.blockingUnaryCall(channel, UNARY, compressed, "y".repeat(10_000)))
                .isEqualTo("got 10000");
        received.clear();
        assertThat(code(() -> ClientCalls.blockingUnaryCall(
                        channel, UNARY, compressed, "y".repeat(10_000) + MarkerScans.SECRET)))
                .isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(received).isEmpty();
        assertThat(firewall.metric("pipelock_tls_request_blocked_total{reason=\"body_dlp\"}"))
                .isEqualTo(2);
    }

    @Test
    void aSecretInALaterMessageEndsTheCallAndTheOriginIsToldSo() throws Exception {
        var answers = new Answers();
        var chat = ClientCalls.asyncBidiStreamingCall(channel.newCall(CHAT, CallOptions.DEFAULT), answers);
        chat.onNext("fine");
        assertThat(answers.next()).isEqualTo("echo fine");
        chat.onNext(MarkerScans.SECRET);
        assertThat(answers.next()).startsWith("error");
        await().untilAsserted(() -> assertThat(received).containsExactly("fine", "error"));
        assertThat(unary("still here")).isEqualTo("got 10");
        assertThat(connections).hasValue(1);
    }

    @Test
    void anInjectionInAReplyNeverReachesTheClient() {
        assertThat(code(() -> unary("inject"))).isNotEqualTo(Status.Code.OK);
        assertThat(firewall.metric("pipelock_tls_response_blocked_total{reason=\"injection\"}"))
                .isEqualTo(1);
    }

    @Test
    void aCallThatTheClientGivesUpEndsAtTheOrigin() throws Exception {
        var answers = new Answers();
        var call = channel.newCall(CHAT, CallOptions.DEFAULT);
        var chat = ClientCalls.asyncBidiStreamingCall(call, answers);
        chat.onNext("first");
        assertThat(answers.next()).isEqualTo("echo first");
        call.cancel("changed my mind", null);
        await().untilAsserted(() -> assertThat(received).containsExactly("first", "error"));
    }

    @Test
    void aServerThatStopsOrderlyFinishesWhatItBegan() throws Exception {
        var answers = new Answers();
        var chat = ClientCalls.asyncBidiStreamingCall(channel.newCall(CHAT, CallOptions.DEFAULT), answers);
        chat.onNext("before");
        assertThat(answers.next()).isEqualTo("echo before");
        server.shutdown();
        chat.onNext("after");
        assertThat(answers.next()).isEqualTo("echo after");
        chat.onCompleted();
        assertThat(answers.next()).isEqualTo("end");
        assertThat(code(() -> unary("too late"))).isEqualTo(Status.Code.UNAVAILABLE);
    }
}
