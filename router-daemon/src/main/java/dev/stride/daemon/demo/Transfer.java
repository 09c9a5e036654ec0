package dev.stride.daemon.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// A bulk transfer over TCP, for hosts without iperf3: one side listens and reads, the other writes
/// for a while. The reader prints the rate in Gbit/s.
@Command(
        mixinStandardHelpOptions = true,
        name = "transfer",
        hidden = true,
        description = "Move bytes over TCP; used by the demo.")
@SuppressWarnings("NullAway.Init") // picocli fills the fields
public final class Transfer implements Callable<Integer> {
    static final int PORT = 5201;
    private static final int BUFFER = 256 * 1024;

    @Spec private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "ADDR", description = "whom to write to")
    private String to = "";

    @Option(names = "--seconds", defaultValue = "3", description = "how long to write")
    private int seconds;

    @Override
    public Integer call() throws IOException {
        if (to.isEmpty()) {
            listen();
        } else {
            write();
        }
        return 0;
    }

    private void listen() throws IOException {
        try (ServerSocket server = new ServerSocket(PORT)) {
            spec.commandLine().getOut().println("listening");
            try (Socket socket = server.accept();
                    InputStream in = socket.getInputStream()) {
                byte[] buffer = new byte[BUFFER];
                long start = System.nanoTime();
                long total = 0;
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    total += n;
                }
                double gigabits = total * 8.0 / (System.nanoTime() - start);
                spec.commandLine().getOut().println(String.format(Locale.ROOT, "%.3f", gigabits));
            }
        }
    }

    private void write() throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(to, PORT), 5000);
            OutputStream out = socket.getOutputStream();
            byte[] buffer = new byte[BUFFER];
            while (System.nanoTime() < end) {
                out.write(buffer);
            }
        }
    }
}
