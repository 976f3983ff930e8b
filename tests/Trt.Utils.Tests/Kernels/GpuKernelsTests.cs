using System.Text;
using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Utils.Tests.Kernels;

public class GpuKernelsTests
{
    [Fact]
    public void The_host_stand_in_is_refused_with_a_sentence()
    {
        NotSupportedException refusal = Assert.Throws<NotSupportedException>(() => GpuKernels.Of(Device.Host, "image"));
        Assert.Contains("image.cu", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("host:0", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_source_has_its_PTX_for_Turing_with_the_command_that_made_it()
    {
        string[] sources = Directory.GetFiles(Checkout.Path("native/kernels"), "*.cu");
        Assert.NotEmpty(sources);
        foreach (string source in sources)
        {
            string name = Path.GetFileNameWithoutExtension(source);
            using StreamReader reader = new(Checkout.Path("src/Trt.Utils/Kernels", name + ".ptx"), Encoding.ASCII);
            string first = reader.ReadLine()!;
            string text = reader.ReadToEnd();
            Assert.StartsWith("// ", first, StringComparison.Ordinal);
            Assert.Contains(name + ".cu", first, StringComparison.Ordinal);
            Assert.Contains(".target sm_75", text, StringComparison.Ordinal);
            foreach (string line in File.ReadLines(source).Where(line => line.StartsWith("extern \"C\" __global__ void ", StringComparison.Ordinal)))
            {
                string kernel = line.Split("void ")[1].Split('(')[0];
                Assert.Contains($".entry {kernel}(", text, StringComparison.Ordinal);
            }

            Assert.InRange(text.Length, 1, 150_000);
        }

        Assert.Contains("image.ptx", typeof(Image).Assembly.GetManifestResourceNames());
    }
}
