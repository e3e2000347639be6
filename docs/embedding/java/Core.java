import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
import java.nio.file.Path;
import java.util.stream.IntStream;

/** An instance of the core in Chicory. The core's binary interface, docs/abi.md, says what each call does. */
record Core(Instance instance) {
    /** A status of the core, and for a fault in a rule the byte offset in its text. */
    static class Refusal extends RuntimeException {
        final int status, ruleOffset;

        Refusal(int status, int ruleOffset) {
            super("the core's status is " + status);
            this.status = status;
            this.ruleOffset = ruleOffset;
        }
    }

    static Core of(Path wasm) {
        var core = new Core(Instance.builder(Parser.parse(wasm)).withMachineFactory(MachineFactoryCompiler::compile).build());
        if (core.call("abiVersion") != 1) throw new IllegalArgumentException("a core of another ABI version");
        return core;
    }

    int call(String name, long... arguments) {
        return (int) instance.export(name).apply(arguments)[0];
    }

    void demand(String name, long... arguments) {
        int status = call(name, arguments);
        if (status != 0) throw new Refusal(status, call("faultOffset"));
    }

    int[] words(int address, int count) {
        return IntStream.range(0, count).map(index -> instance.memory().readInt(address + 4 * index)).toArray();
    }
}
