using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Lite;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>Wrong use of Lite with the real library: one sentence each, and the engine works on.</summary>
internal sealed class LiteMisuse(Checks checks, Files files, Func<TensorRtLibrary, string?, string, Action<EngineOptions>?, Engine> open)
{
    public void Run(TensorRtLibrary library, string? lean, string who)
    {
        Engine? opened = null;
        checks.That($"{who}: an engine to misuse", () =>
        {
            opened = open(library, lean, "lenet.vc_excl", null);
            return null;
        });
        if (opened is not { } engine)
        {
            return;
        }

        float[] digit = new float[784], room = new float[10];
        checks.Refuses<ArgumentException>($"{who}: a sample of a wrong shape", () => engine.Infer<float[]>(new float[1, 28, 29]), "Input \"data\" is given 1x28x29", "expected 1x28x28 for a sample");
        checks.Refuses<ArgumentException>($"{who}: numbers that fill no samples", () => engine.Infer<float, float>(new float[785], room), "given 785 values without a shape");
        checks.Refuses<ArgumentException>($"{who}: a number that single precision does not hold", () => engine.Infer<float[]>(Enumerable.Repeat(0.1, 784).ToArray()), "does not hold the double 0.1");
        checks.Refuses<ArgumentException>($"{who}: a text without a picture", () => engine.Infer<float[]>(Input.Of(new object())), "Input \"data\"");
        checks.Refuses<IOException>($"{who}: a picture that is not there", () => engine.Infer<float[]>("no/such.png"), "no/such.png");
        checks.Refuses<ArgumentException>($"{who}: too little room", () => engine.Infer<float, float>(digit, new float[9]), "there is room for 9");
        checks.Refuses<ArgumentException>($"{who}: too little room in the third of five runs", () => engine.Infer<float, float>(new float[784 * 160], new float[700]), "there is room for");
        checks.Refuses<ArgumentException>($"{who}: device memory of the host", () => Foreign(engine), "host:0");
        checks.Refuses<InvalidCastException>($"{who}: a result of another type", () => engine.Infer<string>(digit), "not for String");
        checks.Refuses<ArgumentException>($"{who}: a name that is no input's", () => engine.Infer(new Dictionary<string, Input> { ["image"] = digit }), "\"image\" is no input");
        checks.Refuses<SampleException>($"{who}: one bad sample of a list", () => engine.Infer<float[][]>(new List<float[]> { digit, new float[3], digit }), "Sample 1");
        checks.That($"{who}: after all that the engine works", () => engine.Infer<float, float>(digit, room) == 10 && room.Any(value => value != 0) ? null : "it does not");
        engine.Dispose();
        checks.Refuses<ObjectDisposedException>($"{who}: a disposed engine", () => engine.Infer<float, float>(digit, room));
        checks.Refuses<ArgumentOutOfRangeException>($"{who}: a profile that is not there", () => open(library, lean, "lenet.vc_excl", o => o.Profile = 3).Dispose(), "has 1 profile");
        checks.Refuses<ArgumentException>($"{who}: a post-processor for an output that is not there", () => open(library, lean, "lenet.vc_excl", o => o.Postprocess("logits", Post.Argmax)).Dispose(), "\"logits\"", "prob");
        checks.Refuses<FileNotFoundException>($"{who}: a plan that is not there", () => open(library, lean, "no_such", null).Dispose(), "no_such.plan");
        checks.That($"{who}: a damaged plan is refused with a sentence", () => Damaged(library, lean));
    }

    /// <summary>Plans that this library does not take.</summary>
    public void OtherReleases(TensorRtLibrary library, string who)
    {
        checks.Refuses<Exception>($"{who}: an ordinary plan of 8.6.0", () => open(library, null, "lenet.fp32", null).Dispose(), "8.6.0", "lenet.fp32.plan");
        checks.Refuses<Exception>($"{who}: a version-compatible plan without its lean runtime", () => open(library, null, "lenet.vc_excl", null).Dispose(), "8.6.0");
        checks.Refuses<Exception>($"{who}: host code that was not allowed", () => open(library, null, "lenet.vc", null).Dispose(), "getEngineHostCodeAllowed");
        checks.That($"{who}: host code that was allowed", () =>
        {
            using Engine engine = open(library, null, "lenet.vc", o => o.AllowHostCode = true);
            float[] room = new float[10];
            return engine.Infer<float, float>(new float[784], room) == 10 ? null : "no results";
        });
    }

    private static void Foreign(Engine engine)
    {
        using DeviceMemory<float> data = new(784, Device.Host), prob = new(10, Device.Host);
        engine.Infer(data, prob);
    }

    private string? Damaged(TensorRtLibrary library, string? lean)
    {
        string path = Path.Combine(Path.GetTempPath(), $"damaged-{Environment.ProcessId}.plan");
        byte[] plan = files.Plan("lenet.vc_excl");
        try
        {
            File.WriteAllBytes(path, plan.AsSpan(0, plan.Length / 2));
            using Engine engine = new(path, o => (o.Library, o.LeanRuntime) = (library, lean));
            return "it was taken";
        }
        catch (Exception error) when (error is EngineFileException or TensorRtException)
        {
            checks.Note($"says: {error.Message.ReplaceLineEndings(" | ")}");
            return error.Message.Contains(Path.GetFileName(path), StringComparison.Ordinal) ? null : "the message does not name the file";
        }
        finally
        {
            File.Delete(path);
        }
    }
}
