namespace Trt.Utils.Tests.Processes;

/// <summary>What this assembly does when a test starts it as a process of its own.</summary>
internal static class ChildProgram
{
    public static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["hold-lock", { } path]:
                return FileChildren.HoldLock(path);
            case ["try-lock", { } path]:
                return FileChildren.TryLock(path);
            case ["wait-lock", { } path, { } milliseconds]:
                return FileChildren.WaitLock(path, milliseconds);
            case ["write-half", { } path]:
                return FileChildren.WriteHalf(path);
            case ["write", { } path, { } bytes]:
                return FileChildren.Write(path, bytes);
            case ["cache", { } folder, { } name, { } bytes, .. var manner]:
                return CacheChildren.GetOrBuild(folder, name, bytes, manner);
            case ["cache-forever", { } folder]:
                return CacheChildren.BuildForever(folder);
            case ["timing-cache", { } path, { } first, { } count]:
                return CacheChildren.Measure(path, first, count);
            case ["soak", { } warmUp, { } rounds]:
                return SoakChildren.Run(warmUp, rounds);
            case ["health", { } runtime]:
                return HealthChildren.Check(runtime);
            case ["quantize", { } rtx]:
                return QuantizationChildren.WithoutCpuRuntime(rtx);
            default:
                Console.Error.WriteLine($"There is no verb \"{string.Join(' ', arguments)}\".");
                return 2;
        }
    }

    /// <summary>Says something to the test.</summary>
    public static void Tell(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }

    /// <summary>Waits until the test calls <see cref="Child.Continue"/>, or is gone.</summary>
    public static void WaitForParent() => Console.In.ReadLine();
}
