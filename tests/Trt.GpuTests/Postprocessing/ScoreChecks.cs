using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>Softmax, argmax and top-k on a GPU against their twins on the CPU.</summary>
internal sealed class ScoreChecks(Checks checks, Device device)
{
    private static readonly (int Outer, int Extent, int Inner)[] Shapes =
        [(256, 1000, 1), (1, 1, 1), (3, 17, 1), (7, 33, 1), (5, 256, 1), (2, 5, 9), (3, 1, 300), (1, 70001, 1), (2, 3, 4099), (2, 300, 2), (0, 5, 1)];

    private static readonly (int Rows, int Width, int K)[] Selections =
        [(33, 1000, 5), (1, 1, 1), (4, 2, 2), (3, 2048, 2048), (3, 2049, 17), (2, 2500, 2500), (2, 5000, 3840), (8, 12000, 100), (1, 70000, 1000), (0, 9, 3)];

    public void Run()
    {
        foreach (Content content in Enum.GetValues<Content>())
        {
            checks.That($"softmax of floats, {content}", () => Softmax(content));
            checks.That($"softmax of halves, {content}", () => HalfSoftmax(content));
            checks.That($"argmax of floats, {content}", () => All(Shapes, shape => TwinRun.Same(device, run =>
            {
                DeviceMemory<int> places = run.Room<int>((long)shape.Outer * shape.Inner);
                DeviceScores.Argmax(run.Up(Values(shape.Outer * shape.Extent * shape.Inner, content)), shape.Extent, shape.Inner, places, run.Stream);
                return run.Read(places);
            })));
            checks.That($"argmax of halves, {content}", () => All(Shapes, shape => TwinRun.Same(device, run =>
            {
                DeviceMemory<int> places = run.Room<int>((long)shape.Outer * shape.Inner);
                DeviceScores.Argmax(run.Up(Halves(Values(shape.Outer * shape.Extent * shape.Inner, content))), shape.Extent, shape.Inner, places, run.Stream);
                return run.Read(places);
            })));
            checks.That($"top-k, {content}", () => All(Selections, shape => TwinRun.Same(device, run =>
            {
                TopKSelection selection = new(shape.Rows, shape.Width, shape.K);
                DeviceMemory<float> values = run.Room<float>((long)shape.Rows * shape.K);
                DeviceMemory<int> places = run.Room<int>((long)shape.Rows * shape.K);
                selection.Run(run.Up(Values(shape.Rows * shape.Width, content)), values, places, run.Room<byte>(selection.WorkspaceBytes), run.Stream);
                return (int[])[.. run.Read(places), .. run.Read(values.Cast<int>())];
            })));
        }
    }

    /// <summary>Scores of a kind, the same each time.</summary>
    public static float[] Values(int count, Content content)
    {
        Random random = new(count + (int)content);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = content switch
            {
                Content.Ties => random.Next(4) * 0.25f,
                Content.Constant => 0.5f,
                Content.Signed => (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-8, 3))),
                Content.Odd => random.Next(40) switch
                {
                    0 => float.NaN,
                    1 => float.PositiveInfinity,
                    2 => float.NegativeInfinity,
                    3 => -0f,
                    4 => 0f,
                    5 => float.Epsilon,
                    _ => random.NextSingle() * 4,
                },
                _ => random.NextSingle(),
            };
        }

        return values;
    }

    private static Half[] Halves(float[] values) => Array.ConvertAll(values, value => (Half)value);

    private static string? All<T>(IEnumerable<T> shapes, Func<T, string?> check)
    {
        foreach (T shape in shapes)
        {
            if (check(shape) is { } wrong)
            {
                return $"{shape}: {wrong}";
            }
        }

        return null;
    }

    private string? Softmax(Content content) => All(Shapes, shape =>
    {
        float[] scores = Values(shape.Outer * shape.Extent * shape.Inner, content);
        (float[] actual, float[] expected) = (Of(device), Of(Device.Host));
        for (int i = 0; i < actual.Length; i++)
        {
            if (!(float.IsNaN(actual[i]) && float.IsNaN(expected[i])) && !(Math.Abs(actual[i] - expected[i]) <= (4e-6f * expected[i]) + 1e-37f))
            {
                return $"element {i} is {actual[i]}, the twin's is {expected[i]}";
            }
        }

        return null;

        float[] Of(Device where)
        {
            using TwinRun run = new(where);
            DeviceMemory<float> probabilities = run.Room<float>(scores.Length);
            DeviceScores.Softmax(run.Up(scores), shape.Extent, shape.Inner, probabilities, run.Stream);
            return run.Read(probabilities);
        }
    });

    private string? HalfSoftmax(Content content) => All(Shapes, shape =>
    {
        Half[] scores = Halves(Values(shape.Outer * shape.Extent * shape.Inner, content));
        (Half[] actual, Half[] expected) = (Of(device), Of(Device.Host));
        for (int i = 0; i < actual.Length; i++)
        {
            if (!(Half.IsNaN(actual[i]) && Half.IsNaN(expected[i])) && !(Math.Abs((float)actual[i] - (float)expected[i]) <= (1e-3f * (float)expected[i]) + 6e-8f))
            {
                return $"element {i} is {actual[i]}, the twin's is {expected[i]}";
            }
        }

        return null;

        Half[] Of(Device where)
        {
            using TwinRun run = new(where);
            DeviceMemory<Half> both = run.Up(scores);
            DeviceScores.Softmax(both, shape.Extent, shape.Inner, both, run.Stream); // in place
            return run.Read(both);
        }
    });

    internal enum Content
    {
        Uniform,
        Signed,
        Ties,
        Constant,
        Odd,
    }
}
